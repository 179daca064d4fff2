import type { OpenAPIObject } from '@nestjs/swagger';
import type { DescribedRoute } from '../docs/described-routes.js';
import type { OperationObject } from '../docs/openapi.js';
import { forModel, type JsonSchema } from './schemas.js';

/** One operation of the REST API, as its document describes it. */
export interface Operation {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its parameters in braces. */
  path: string;
  hasBody: boolean;
  /** Everything that it takes, wherever in the request it stands. */
  input: JsonSchema;
  output: JsonSchema;
  route: DescribedRoute;
}

/** The operations of the document by their operationId. */
export function operationsOf(document: OpenAPIObject, routes: Map<string, DescribedRoute>): Map<string, Operation> {
  const all = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation: operation as OperationObject })),
  );
  const operations = new Map<string, Operation>();
  for (const { path, method, operation } of all) {
    const { operationId = '', requestBody, responses } = operation;
    const route = routes.get(operationId);
    if (!route) continue;
    const schemaIn = (body: unknown) => forModel(jsonSchemaIn(body), document.components);
    operations.set(operationId, {
      method: method.toUpperCase() as Operation['method'],
      path,
      hasBody: requestBody !== undefined,
      input: withParameters(schemaIn(requestBody), operation, document.components),
      output: schemaIn(responses['200']),
      route,
    });
  }
  return operations;
}

/** The schema of the JSON in a request or an answer. */
function jsonSchemaIn(body: unknown): object {
  const { content } = (body ?? {}) as { content?: Record<string, { schema?: object } | undefined> };
  return content?.['application/json']?.schema ?? {};
}

function withParameters(
  body: JsonSchema,
  { parameters = [] }: OperationObject,
  components: OpenAPIObject['components'],
): JsonSchema {
  const given = parameters.flatMap((parameter) => ('schema' in parameter ? [parameter] : []));
  const properties = given.map(({ name, schema = {} }) => [name, forModel(schema, components)]);
  return {
    properties: { ...body.properties, ...(Object.fromEntries(properties) as Record<string, JsonSchema>) },
    required: [...(body.required ?? []), ...given.filter(({ required }) => required).map(({ name }) => name)],
  };
}
