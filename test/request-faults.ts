import type { ArbitraryRequest } from './arbitrary-requests.js';
import { bodyViolations } from './contract.js';
import type { Operation, Schema } from './operations.js';

/** What of a request the document does not allow: fields that nobody knows, are missing or have another form. */
export function faultsIn({ url, payload, headers }: ArbitraryRequest, operation: Operation): string[] {
  const [, search = ''] = /\?(.*)$/s.exec(url) ?? [];
  const query = [...new URLSearchParams(search)];
  const known = new Map(
    operation.parameters.flatMap(({ in: place, ...rest }) => (place === 'query' ? [[rest.name, rest]] : [])),
  );
  const missing = [...known.values()].filter(({ name, required }) => required && !query.some(([key]) => key === name));
  const faults = [
    ...missing.map(({ name }) => `${name} is missing`),
    ...query.flatMap(([key, value]) => {
      const schema = known.get(key)?.schema;
      return schema ? bodyViolations(read(value, schema), schema) : [`${key} is not known`];
    }),
  ];
  const { requestBody } = operation;
  if (!requestBody) return faults;
  if (payload === undefined || payload.length === 0) return requestBody.required ? [...faults, 'no body'] : faults;
  if (!/^application\/json/i.test(headers['content-type'])) faults.push('another type');
  return [...faults, ...bodyFaults(String(payload), requestBody.content['application/json'].schema)];
}

function bodyFaults(text: string, schema: Schema): string[] {
  try {
    return bodyViolations(JSON.parse(text), schema);
  } catch {
    return ['the body is no JSON'];
  }
}

/** A value of a query as its schema means it; as it is where it is nothing of the kind. */
function read(value: string, { type }: Schema): unknown {
  if (type === 'integer' && /^\d+$/.test(value)) return Number(value);
  if (type === 'boolean' && /^(true|false)$/.test(value)) return value === 'true';
  return value;
}
