import fc from 'fast-check';
import { type Operation, type Schema, schemaAt } from './operations.js';
import { CONTENT_TYPES, FORGED, hostilePayload, hostileText, hostileValue, oddHeaders, toJson } from './hostile.js';

/** A request to an operation; `~word~` in its texts stands for what is known only when it is sent. */
export interface ArbitraryRequest {
  operationId: string;
  /** Who asks. */
  as: string;
  method: string;
  /** Whether the method is the operation's; false for a fault that makes another request of it. */
  isItsMethod: boolean;
  url: string;
  headers: Record<string, string>;
  payload?: string | Buffer;
}

/** What the document does not tell: values that exist, by the name of their parameter or property. */
export type Hints = Record<string, fc.Arbitrary<unknown>>;

interface Parts {
  as: string;
  method: string;
  path: Record<string, string>;
  query: [string, string][];
  body?: unknown;
  /** Sent instead of the body. */
  payload?: string | Buffer;
  headers: Record<string, string>;
  /** Done to the URL at last. */
  bend: (url: string) => string;
}

type Fault = (parts: Parts) => Parts;

/**
 * Requests to an operation, made from its schemas: more than half are as the document wants them, the others have
 * one fault or several.
 * @param roles who may ask
 */
export function requestsTo(
  operation: Operation,
  hints: Hints,
  roles: fc.Arbitrary<string>,
): fc.Arbitrary<ArbitraryRequest> {
  const fault = faultsOf(operation);
  const faults = fc.oneof(
    { weight: 6, arbitrary: fc.constant([]) },
    { weight: 3, arbitrary: fc.tuple(fault) },
    { weight: 1, arbitrary: fc.array(fault, { minLength: 2, maxLength: 4 }) },
  );
  return fc.tuple(partsOf(operation, hints, roles), faults).map(([parts, all]) =>
    toRequest(
      operation,
      all.reduce((bent, bend: Fault) => bend(bent), parts),
    ),
  );
}

function partsOf(operation: Operation, hints: Hints, roles: fc.Arbitrary<string>): fc.Arbitrary<Parts> {
  const schema = operation.requestBody?.content['application/json'].schema;
  const headers = fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: oddHeaders });
  return fc
    .record({
      as: roles,
      path: parametersOf(operation, 'path', hints),
      query: parametersOf(operation, 'query', hints),
      body: schema ? valuesOf(schema, '', hints) : fc.constant(undefined),
      headers,
    })
    .map((parts) => ({ ...parts, query: Object.entries(parts.query), method: operation.method, bend: (url) => url }));
}

function parametersOf(
  { parameters }: Operation,
  place: 'path' | 'query',
  hints: Hints,
): fc.Arbitrary<Record<string, string>> {
  const ours = parameters.filter((parameter) => parameter.in === place);
  const values = ours.map(({ name, schema }) => [name, valuesOf(schema, name, hints).map(String)] as const);
  const requiredKeys = ours.filter(({ required }) => required).map(({ name }) => name);
  return fc.record(Object.fromEntries(values), { requiredKeys });
}

/** What a schema allows, and mostly what is known to exist. */
function valuesOf(schema: Schema, name: string, hints: Hints): fc.Arbitrary<unknown> {
  const hint = Object.hasOwn(hints, name) ? hints[name] : undefined;
  const made = madeOf(schema, hints);
  return hint ? fc.oneof({ weight: 19, arbitrary: hint }, { weight: 1, arbitrary: made }) : made;
}

function madeOf(given: Schema, hints: Hints): fc.Arbitrary<unknown> {
  const schema = given.$ref === undefined ? given : schemaAt(given.$ref);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.oneOf) return fc.oneof(...schema.oneOf.map((choice) => madeOf(choice, hints)));
  if (schema.allOf) return madeOf(schema.allOf[0], hints);
  const types = [schema.type ?? 'any'].flat();
  return fc.oneof(...types.map((type) => ofType(type, schema, hints)));
}

function ofType(type: string, schema: Schema, hints: Hints): fc.Arbitrary<unknown> {
  const { minimum = -1000, maximum = 1_000_000, minItems = 0, maxItems = 5 } = schema;
  const bounds = fc.constantFrom(minimum, maximum, Math.min(minimum + 1, maximum));
  switch (type) {
    case 'integer':
      return fc.oneof(bounds, fc.integer({ min: minimum, max: maximum }));
    case 'number':
      return fc.oneof(bounds, fc.double({ min: minimum, max: maximum, noNaN: true }));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(madeOf(schema.items ?? {}, hints), { minLength: minItems, maxLength: maxItems });
    case 'object':
      return objects(schema, hints);
    case 'string':
      return texts(schema);
    default:
      return fc.jsonValue();
  }
}

function objects(
  { properties = {}, required = [], additionalProperties }: Schema,
  hints: Hints,
): fc.Arbitrary<unknown> {
  const known = Object.entries(properties).map(([name, schema]) => [name, valuesOf(schema, name, hints)] as const);
  const named = fc.record(Object.fromEntries(known), { requiredKeys: required });
  if (!additionalProperties || known.length > 0) return named;
  const value = additionalProperties === true ? fc.jsonValue() : madeOf(additionalProperties, hints);
  return fc.dictionary(fc.string({ unit: 'grapheme-ascii', maxLength: 12 }), value, { maxKeys: 4 });
}

function texts({ format, pattern, minLength = 0, maxLength = 60 }: Schema): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.uuid();
  if (format === 'email') return fc.emailAddress();
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  return fc.oneof(
    fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, minLength + 60) }),
    fc.constantFrom(minLength, maxLength).map((length) => 'a'.repeat(length)),
  );
}

function faultsOf({ parameters, requestBody }: Operation): fc.Arbitrary<Fault> {
  const ids = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
  const keys = [...parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name), 'surplus'];
  const faults = [
    ...(ids.length > 0 ? [faultyId(ids)] : []),
    ...(requestBody ? [faultyBody, faultyBody, faultyPayload] : [faultyPayload]),
    faultyQuery(keys),
    BENT_URLS,
    fc.constantFrom(...FORGED).map((authorization) => withHeader({ authorization })),
    fc.constantFrom(...CONTENT_TYPES).map((type) => withHeader({ 'content-type': type })),
    oddHeaders.map(withHeader),
    fc
      .constantFrom('HEAD', 'OPTIONS', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND')
      .map((method): Fault => (parts) => ({ ...parts, method })),
  ];
  return fc.oneof(...faults);
}

const withHeader =
  (headers: Record<string, string>): Fault =>
  (parts) => ({ ...parts, headers: { ...parts.headers, ...headers } });

const faultyId = (ids: string[]) =>
  fc
    .tuple(fc.constantFrom(...ids), hostileText)
    .map(([id, text]): Fault => (parts) => ({ ...parts, path: { ...parts.path, [id]: text } }));

const faultyQuery = (keys: string[]) =>
  fc
    .tuple(
      fc.oneof(fc.constantFrom(...keys), fc.constantFrom('__proto__', 'limit[]', 'a[b]', '', '\0')),
      hostileText,
      fc.nat(2),
    )
    .map(([key, text, times]): Fault => (parts) => ({
      ...parts,
      // Instead of what was there, beside it, or twice.
      query: [
        ...parts.query.filter(([name]) => times > 0 || name !== key),
        ...Array.from({ length: Math.max(times, 1) }, (): [string, string] => [key, text]),
      ],
    }));

const faultyBody = fc
  .tuple(
    fc.constantFrom('without', 'with', 'instead'),
    fc.nat(),
    fc.oneof(hostileText, fc.constant('user_id')),
    hostileValue,
  )
  .map(([how, which, key, value]): Fault => (parts) => {
    const entries = Object.entries(parts.body ?? {});
    const chosen = entries.length > 0 ? entries[which % entries.length][0] : key;
    const others = entries.filter(([name]) => name !== chosen);
    if (how === 'without') return { ...parts, body: Object.fromEntries(others) };
    const added: [string, unknown] = [how === 'with' ? key : chosen, value];
    return { ...parts, body: Object.fromEntries([...(how === 'with' ? entries : others), added]) };
  });

const faultyPayload = hostilePayload.map((payload): Fault => (parts) => ({ ...parts, payload }));

const BENT_URLS = fc
  .constantFrom<((url: string) => string)[]>(
    (url) => `${url}/`,
    (url) => `${url}//`,
    (url) => url.toUpperCase(),
    (url) => url.replace('/', '//'),
    (url) => url.replaceAll('e', '%65'),
    (url) => url.replaceAll('/', '%2f'),
    (url) => url.replace(/[^/]+$/, '%2e%2e%2f$&'),
    (url) => `${url}%00`,
    (url) => `${url}%ff`,
    (url) => `${url}%`,
    (url) => `${url};a=b`,
    (url) => `${url}?`,
    (url) => `${url}?a=%zz`,
    (url) => `${url}&&=&`,
    (url) => `${url}${'/x'.repeat(4500)}`,
    (url) => `${url}.json`,
    (url) => `${url}%0d%0aX-Injected:1`,
  )
  .map((bend): Fault => (parts) => ({ ...parts, bend }));

function toRequest(
  operation: Operation,
  { as, method, path, query, body, payload, headers, bend }: Parts,
): ArbitraryRequest {
  const filled = operation.path.replaceAll(/\{(\w+)\}/g, (_braces, name: string) => encoded(path[name]));
  const search = query.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');
  const sent = payload ?? (body === undefined ? undefined : toJson(body));
  const type: Record<string, string> = sent === undefined ? {} : { 'content-type': 'application/json' };
  const url = bend(search === '' ? filled : `${filled}?${search}`);
  const isItsMethod = method === operation.method;
  return {
    operationId: operation.operationId,
    as,
    method,
    isItsMethod,
    url,
    headers: { ...type, ...headers },
    payload: sent,
  };
}

/** Percent-encoded; half a surrogate pair as a careless client would. */
function encoded(text: string): string {
  return text.replaceAll(/[\ud800-\udbff][\udc00-\udfff]|[^]/g, (character) =>
    /^[\ud800-\udfff]$/.test(character) ? '%ED%A0%80' : encodeURIComponent(character),
  );
}
