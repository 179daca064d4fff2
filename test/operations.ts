import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../src/common/project.js';
import type { LIMITS } from '../src/limits/limits.js';

export interface HeaderObject {
  required?: boolean;
  schema: { type: string };
}

export interface ResponseObject {
  headers?: Record<string, HeaderObject>;
  content?: Record<string, { schema: object; examples?: object }>;
}

/** As much of JSON Schema as the document makes use of. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  format?: string;
  pattern?: string;
}

interface Parameter {
  name: string;
  in: 'path' | 'query';
  required?: boolean;
  schema: Schema;
}

/** An operation of the API, as the document has it. */
export interface Operation {
  operationId: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  parameters: Parameter[];
  security?: Record<string, string[]>[];
  requestBody?: { required?: boolean; content: { 'application/json': { schema: Schema } } };
  responses: Record<string, ResponseObject>;
  'x-rate-limit'?: { name: keyof typeof LIMITS; limit: string };
}

interface Document {
  paths: Record<string, Record<string, Omit<Operation, 'method' | 'path'>>>;
  components: { schemas: Record<string, Schema> };
}

/** By this name a schema of the document refers to another one, so that each can be compiled by itself. */
export const DOCUMENT_ID = 'openapi';

/** The committed document. */
export const document = JSON.parse(
  readFileSync(join(PROJECT_ROOT, 'openapi.json'), 'utf8').replaceAll('"#/components/', `"${DOCUMENT_ID}#/components/`),
) as Document;

/** Every operation of the committed document. */
export const OPERATIONS = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]): Operation => ({
    ...operation,
    path,
    method: method.toUpperCase() as Operation['method'],
  })),
);

/** Those that say in their path whose data they are about. */
export const ofUsers = OPERATIONS.filter(({ path }) => path.includes('{user_id}'));

/** A path with what its parameters stand for; `nothing` for those that are not told. */
export function fill(path: string, parameters: Record<string, string>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => parameters[name] ?? 'nothing');
}

/** The schema that a `$ref` of the document names. */
export function schemaAt(reference: string): Schema {
  return document.components.schemas[reference.split('/').pop() ?? ''];
}
