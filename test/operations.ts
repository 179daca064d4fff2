import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../src/common/project.js';
import type { LIMITS } from '../src/limits/limits.js';

interface Operation {
  operationId: string;
  security?: Record<string, string[]>[];
  requestBody?: object;
  responses: Record<string, { content?: { 'application/json': { examples?: object } } }>;
  'x-rate-limit'?: { name: keyof typeof LIMITS; limit: string };
}

/** An operation of the API, as the document has it. */
export interface Route extends Operation {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
}

const { paths } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'openapi.json'), 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
};

export const routes = Object.entries(paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]): Route => ({
    ...operation,
    path,
    method: method.toUpperCase() as Route['method'],
  })),
);

/** Those that say in their path whose data they are about. */
export const ofUsers = routes.filter(({ path }) => path.includes('{user_id}'));

/** A path with what its parameters stand for; `nothing` for those that are not told. */
export function fill(path: string, parameters: Record<string, string>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => parameters[name] ?? 'nothing');
}
