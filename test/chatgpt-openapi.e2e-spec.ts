import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../src/common/project.js';
import { type Action, actionsOf, chatGptDocument, type Document, PUBLIC_URL } from './chatgpt.js';

/** Every object in a value, itself included. */
const objectsIn = (value: unknown): Record<string, unknown>[] =>
  typeof value === 'object' && value !== null
    ? [value as Record<string, unknown>, ...Object.values(value).flatMap(objectsIn)]
    : [];

let document: Document;
let actions: Action[];
beforeAll(async () => {
  document = await chatGptDocument();
  actions = actionsOf(document);
});

const READING = [
  'getAccess',
  'getCourse',
  'getHybridUsage',
  'getProgress',
  'getQuiz',
  'getSection',
  'listAttempts',
  'listChapters',
  'listCourseQuizzes',
  'listCourses',
  'listProgress',
  'listSections',
  'search',
];
const ACTING = [
  'askMentor',
  'assessFreeText',
  'completeChapter',
  'recommendNextChapter',
  'resetStreak',
  'submitQuiz',
  'synthesizeChapters',
  'takeCompletionBack',
];

describe('the document for a custom GPT', () => {
  it('holds what a tutor needs and not more than ChatGPT takes, each under the scope that it needs', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(actions.map(({ operationId }) => operationId).sort()).toEqual([...READING, ...ACTING].sort());
    expect(actions.length).toBeLessThanOrEqual(30);
    for (const { operationId, security } of actions) {
      const scope = READING.includes(operationId) ? 'learn:read' : 'learn:write';
      expect({ operationId, security }).toEqual({ operationId, security: [{ oauth: [scope] }] });
    }
  });

  it('is for the service’s public address alone, with one way to sign in there', () => {
    expect(document.servers).toEqual([{ url: PUBLIC_URL }]);
    expect(document.components.securitySchemes).toEqual({
      oauth: {
        type: 'oauth2',
        description: expect.any(String) as string,
        flows: {
          authorizationCode: {
            authorizationUrl: `${PUBLIC_URL}/oauth/authorize`,
            tokenUrl: `${PUBLIC_URL}/oauth/token`,
            refreshUrl: `${PUBLIC_URL}/oauth/token`,
            scopes: {
              'learn:read': expect.any(String) as string,
              'learn:write': expect.any(String) as string,
              offline_access: expect.any(String) as string,
            },
          },
        },
      },
    });
    expect(JSON.stringify(document).match(/https?:\/\/[^/"]+/g)).toEqual(Array(4).fill(PUBLIC_URL));
  });

  it('keeps to ChatGPT’s lengths, and has no headers', () => {
    for (const { operationId, summary, description, parameters, responses } of actions) {
      for (const text of [summary, description]) {
        expect([operationId, text.length > 10 && text.length <= 300]).toEqual([operationId, true]);
      }
      for (const parameter of parameters) {
        expect(parameter.description.length).toBeGreaterThan(10);
        expect(parameter.description.length).toBeLessThanOrEqual(700);
        expect(['path', 'query']).toContain(parameter.in);
      }
      expect(objectsIn(responses).filter((part) => 'headers' in part)).toEqual([]);
    }
    const extensions = objectsIn(document).flatMap((part) => Object.keys(part).filter((key) => key.startsWith('x-')));
    expect(new Set(extensions)).toEqual(new Set(['x-openai-isConsequential']));
  });

  it('asks the learner each time before a completion is taken back or the streak reset, and never else', () => {
    const asks = actions.filter((action) => action['x-openai-isConsequential']).map(({ operationId }) => operationId);
    expect(asks.sort()).toEqual(['resetStreak', 'takeCompletionBack']);
    expect(actions.every((action) => typeof action['x-openai-isConsequential'] === 'boolean')).toBe(true);
  });

  it('speaks of no price', () => {
    expect(JSON.stringify(document)).not.toMatch(/price|cost|usd|dollar|\$ ?\d/i);
  });

  it('is a part of the whole document: the same operations with the same texts and parameters', async () => {
    const whole = JSON.parse(await readFile(join(PROJECT_ROOT, 'openapi.json'), 'utf8')) as Document;
    const known = new Map(actionsOf(whole).map((operation) => [`${operation.method} ${operation.path}`, operation]));
    for (const { method, path, operationId, summary, description, parameters } of actions) {
      const original = known.get(`${method} ${path}`);
      expect({ operationId, summary, description }).toEqual({
        operationId: original?.operationId,
        summary: original?.summary,
        description: original?.description,
      });
      const names = parameters.map(({ name }) => name);
      expect(original?.parameters.map(({ name }) => name)).toEqual(names);
    }
  });

  it('asks for the text of no whole chapter, and for no one but the learner who has signed in', () => {
    const flags = actions.flatMap(({ parameters }) => parameters.filter(({ name }) => name.startsWith('include_')));
    expect(flags.length).toBeGreaterThan(2);
    for (const { required, schema } of flags) {
      expect({ required, schema }).toEqual({ required: true, schema: { type: 'boolean', enum: [false] } });
    }
    const users = actions.flatMap(({ parameters }) => parameters.filter(({ name }) => name === 'user_id'));
    for (const { schema } of users) expect(schema).toEqual({ type: 'string', enum: ['me'] });
    expect(JSON.stringify(document.components.schemas)).not.toContain('"user_id"');
  });

  it('holds the schemas that it speaks of and no others, and no object without properties', () => {
    const spoken = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(new Set(spoken)).toEqual(new Set(Object.keys(document.components.schemas)));
    const objects = objectsIn(document.components.schemas).filter(({ type }) => type === 'object');
    expect(objects.filter((schema) => !('properties' in schema))).toEqual([]);
    for (const { required = [], properties } of objects) {
      expect(Object.keys(properties as object)).toEqual(expect.arrayContaining(required as string[]));
    }
  });
});
