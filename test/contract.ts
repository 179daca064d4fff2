import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import Ajv2020, { type AnySchema, type ValidateFunction } from 'ajv/dist/2020.js';
import { ERROR_STATUS } from '../src/common/errors.js';
import {
  document,
  DOCUMENT_ID,
  type HeaderObject,
  type Operation,
  OPERATIONS,
  type ResponseObject,
} from './operations.js';

/** A request and its answer, as they were on the wire. */
export interface Exchange {
  method: string;
  url: string;
  status: number;
  headers: Record<string, number | string | string[] | undefined>;
  body: Buffer;
}

interface ErrorAnswer {
  error_code: keyof typeof ERROR_STATUS;
  request_id: string;
  errors?: unknown[];
}

/** Under these, answers follow the protocols that are spoken there (OAuth 2, MCP). */
const OTHER_PROTOCOLS = /^\/(oauth|mcp|\.well-known)(\/|$)/;
const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;
const FORMATS = {
  'date-time': /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d\.\d{3}Z$/,
  uuid: /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/,
  email: true,
} as const;
/** The operations' paths in parts; literal ones come before those with a parameter in their place. */
const templates = OPERATIONS.map((operation) => ({ operation, parts: segmentsOf(operation.path) ?? [] })).sort(
  (one, other) => parametersIn(one.parts) - parametersIn(other.parts),
);

const ajv = new Ajv2020({
  allErrors: true,
  formats: FORMATS,
  keywords: ['components', 'example'],
  allowUnionTypes: true,
});
ajv.addSchema({ $id: DOCUMENT_ID, components: closed(document.components) });
const ERROR = { $ref: `${DOCUMENT_ID}#/components/schemas/ErrorDto` };
const validators = new Map<object, ValidateFunction>();

/**
 * What of an answer breaks the contract: the committed document, and the rules that hold for every answer and error.
 * @returns one sentence for each violation; none for an answer that keeps the contract
 */
export function violationsOf(exchange: Exchange): string[] {
  const [path] = exchange.url.split('?', 1);
  const found = [...violationsOfEvery(exchange)];
  const operation = operationOf(exchange.method, path);
  if (operation) found.push(...violationsOfOperation(exchange, operation));
  else if (exchange.status >= 400 && !OTHER_PROTOCOLS.test(path)) found.push(...violationsOfError(exchange));
  const name = operation ? `${operation.operationId}, ` : '';
  return found.map((what) => `${exchange.method} ${exchange.url.slice(0, 300)} (${name}${exchange.status}): ${what}`);
}

/** Throws where any answer broke the contract, with everything that is wrong. */
export function failOn(violations: string[]): void {
  if (violations.length > 0) throw new Error(`The contract is broken:\n${violations.join('\n')}`);
}

/** The operation that a request is for; undefined where the document has none. */
export function operationOf(method: string, path: string): Operation | undefined {
  const segments = segmentsOf(path);
  const asked = method === 'HEAD' ? 'GET' : method;
  return templates.find(
    ({ operation, parts }) =>
      operation.method === asked &&
      parts.length === segments?.length &&
      parts.every((part, index) => (part.startsWith('{') ? segments[index] !== '' : part === segments[index])),
  )?.operation;
}

function parametersIn(parts: string[]): number {
  return parts.filter((part) => part.startsWith('{')).length;
}

/** The parts of a path, as a router reads them; null where they cannot be decoded. */
function segmentsOf(path: string): string[] | null {
  try {
    const bare = path.replace(/\/$/, '');
    return bare === '' ? [] : bare.slice(1).split('/').map(decodeURIComponent);
  } catch {
    return null;
  }
}

function violationsOfEvery({ status, headers }: Exchange): string[] {
  const found: string[] = [];
  if (!REQUEST_ID.test(String(headers['x-request-id'] ?? ''))) found.push('has no X-Request-Id');
  if (status === 500) found.push('went wrong on our side');
  return found;
}

function violationsOfOperation(exchange: Exchange, { responses }: Operation): string[] {
  const response = responses[exchange.status] as ResponseObject | undefined;
  if (!response) return ['the operation documents no such status', ...violationsOfError(exchange)];
  const found = Object.entries(response.headers ?? {}).flatMap(([name, header]) =>
    headerViolations(exchange, name, header),
  );
  if (exchange.method === 'HEAD') return found;
  const { content } = response;
  if (!content) return exchange.body.length === 0 ? found : [...found, 'has a body where none is documented'];
  const type = String(exchange.headers['content-type']).split(';', 1)[0];
  const form = content[type];
  if (!form) return [...found, `is ${type}, where ${Object.keys(content).join(' or ')} is documented`];
  found.push(...bodyViolations(bodyOf(exchange), form.schema));
  if (isError(form.schema)) {
    found.push(...violationsOfError(exchange));
    const { error_code: code } = bodyOf(exchange) as ErrorAnswer;
    if (form.examples && !(code in form.examples)) found.push(`is ${code}, which the operation does not document`);
  }
  return found;
}

const isError = (schema: { $ref?: string }) => schema.$ref === ERROR.$ref;

function headerViolations({ headers }: Exchange, name: string, { required, schema }: HeaderObject): string[] {
  const value = headers[name.toLowerCase()];
  if (value === undefined) return required ? [`has no ${name}`] : [];
  return schema.type === 'integer' && !/^\d+$/.test(String(value))
    ? [`${name} is no whole number: ${String(value)}`]
    : [];
}

/** What every error must be, wherever it comes from. */
export function violationsOfError(exchange: Exchange): string[] {
  const { method, status, headers } = exchange;
  if (status < 400) return [];
  const found: string[] = [];
  const needs = (name: string) => headers[name] === undefined && found.push(`has no ${name}`);
  if (status === 401) needs('www-authenticate');
  if (status === 405) needs('allow');
  if (status === 429 || status === 503) needs('retry-after');
  if (headers['cache-control'] !== 'private, no-store') found.push('may be cached');
  if (method === 'HEAD') return found;
  if (!/^application\/json(;|$)/.test(String(headers['content-type']))) return [...found, 'is no JSON'];
  const answer = bodyOf(exchange);
  const shape = bodyViolations(answer, ERROR);
  if (shape.length > 0) return [...found, ...shape];
  const { error_code: code, request_id: id, errors } = answer as ErrorAnswer;
  if (ERROR_STATUS[code] !== status) found.push(`${code} has another status`);
  if (id !== headers['x-request-id']) found.push('its request_id is not that of its header');
  const isOfFields = code === 'VALIDATION_ERROR';
  if (isOfFields !== (errors !== undefined)) found.push('names fields without, or none with, VALIDATION_ERROR');
  return found;
}

function bodyOf({ headers, body }: Exchange): unknown {
  const encoding = headers['content-encoding'];
  const plain = encoding === 'br' ? brotliDecompressSync(body) : encoding === 'gzip' ? gunzipSync(body) : body;
  const text = plain.toString();
  return /json/.test(String(headers['content-type'])) ? JSON.parse(text) : text;
}

/** What of a value is not as its schema has it. */
export function bodyViolations(body: unknown, schema: object): string[] {
  let validate = validators.get(schema);
  if (!validate) validators.set(schema, (validate = ajv.compile(closed(schema) as AnySchema)));
  if (validate(body)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `the body${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/**
 * A schema in which an object has no property but those that are named: an answer says nothing that is undocumented.
 */
function closed(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(closed);
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const isObject = copy.type === 'object' && copy.properties !== undefined && copy.additionalProperties === undefined;
  return isObject ? { ...copy, additionalProperties: false } : copy;
}
