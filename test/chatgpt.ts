import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cli } from './built.js';

export const PUBLIC_URL = 'https://learn.example.org';

interface Parameter {
  name: string;
  in: string;
  required: boolean;
  description: string;
  schema: { enum?: (string | boolean)[]; maximum?: number };
}

interface Operation {
  operationId: string;
  summary: string;
  description: string;
  security: object[];
  parameters: Parameter[];
  requestBody?: object;
  responses: Record<string, object>;
  'x-openai-isConsequential': boolean;
}

export interface Document {
  openapi: string;
  servers: object[];
  security?: object[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; securitySchemes: object };
}

export interface Action extends Operation {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
}

/** The operations of a document, each with its place. */
export const actionsOf = ({ paths }: Document) =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): Action => ({
      ...operation,
      path,
      method: method.toUpperCase() as Action['method'],
    })),
  );

/** The document for a custom GPT, written by the built program. */
export async function chatGptDocument(): Promise<Document> {
  const folder = await mkdtemp(join(tmpdir(), 'course-companion-chatgpt-'));
  const file = join(folder, 'openapi.chatgpt.json');
  const settings = { DATABASE_URL: `sqlite:${join(folder, 'unused.db')}`, PUBLIC_URL };
  expect(await cli(['openapi', file, '--chatgpt'], settings)).toMatchObject({ code: 0, stderr: '' });
  const document = JSON.parse(await readFile(file, 'utf8')) as Document;
  await rm(folder, { recursive: true });
  return document;
}
