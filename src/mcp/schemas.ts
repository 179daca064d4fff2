import type { OpenAPIObject } from '@nestjs/swagger';

/** As much of JSON Schema (2020-12) as the API's own documents use. */
export interface JsonSchema {
  type?: string | string[];
  format?: string;
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  additionalProperties?: boolean | JsonSchema;
  oneOf?: JsonSchema[];
  /** One schema, which is described anew. */
  allOf?: JsonSchema[];
  [keyword: string]: unknown;
}

/** Whose ids these are, and what they cost, is nothing that a model needs. */
const INTERNAL_NAMES = /^(user|attempt|request|trace)_id$|price|cost/;

/**
 * A schema of the OpenAPI document by itself: references replaced by what they name, without examples, and without what
 * is not for a model: ids of accounts and of rows, times and prices.
 */
export function forModel(schema: object, components: OpenAPIObject['components']): JsonSchema {
  if ('$ref' in schema) {
    const name = String(schema.$ref).replace('#/components/schemas/', '');
    return forModel(components?.schemas?.[name] ?? {}, components);
  }
  const { properties, items, additionalProperties, oneOf, allOf = [], required = [], ...rest } = schema as JsonSchema;
  delete rest.example;
  const inner = (each: JsonSchema) => forModel(each, components);
  const kept = Object.entries(properties ?? {}).filter(([name, property]) => !isInternal(name, property));
  return {
    ...(allOf[0] && inner(allOf[0])),
    ...rest,
    ...(properties && objectOf(Object.fromEntries(kept.map(([name, property]) => [name, inner(property)])), required)),
    ...(items && { items: inner(items) }),
    ...(oneOf && { oneOf: oneOf.map(inner) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === 'object' ? inner(additionalProperties) : additionalProperties,
    }),
  };
}

/** Rows are counted in numbers; what has an id for its own sake has a name. */
function isInternal(name: string, { type, format }: JsonSchema): boolean {
  const isRowId = name === 'id' && [type].flat().includes('integer');
  return INTERNAL_NAMES.test(name) || format === 'date-time' || isRowId;
}

/** An object with these properties, all of which are there unless told otherwise. */
export function objectOf(properties: Record<string, JsonSchema>, required = Object.keys(properties)): JsonSchema {
  return { type: 'object', properties, required: required.filter((name) => name in properties) };
}

export function listOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

/** A schema that null fits too. */
export function orNull(schema: JsonSchema): JsonSchema {
  return { ...schema, type: [...[schema.type ?? []].flat(), 'null'] };
}

/** The schema of an object with some of its properties alone. */
export function pick({ properties = {}, required = [] }: JsonSchema, ...names: string[]): JsonSchema {
  return objectOf(Object.fromEntries(names.map((name) => [name, properties[name] ?? {}])), required);
}

/** What a schema knows of a value, and nothing else. */
export function project(value: unknown, schema: JsonSchema): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { items, properties, additionalProperties: others } = schema;
  if (Array.isArray(value)) return items ? value.map((item) => project(item, items)) : (value as unknown[]);
  const fields = Object.entries(value) as [string, unknown][];
  if (!properties) {
    return typeof others === 'object'
      ? Object.fromEntries(fields.map(([name, item]) => [name, project(item, others)]))
      : value;
  }
  const known = fields.filter(([name]) => Object.hasOwn(properties, name));
  return Object.fromEntries(known.map(([name, item]) => [name, project(item, properties[name])]));
}
