import { forModel, type JsonSchema, objectOf, pick, project } from './schemas.js';

const components = {
  schemas: {
    Row: {
      type: 'object',
      properties: {
        id: { type: 'integer' },
        user_id: { type: 'string' },
        attempt_id: { type: 'integer' },
        title: { type: 'string', example: 'A title' },
        cost_usd: { type: 'number' },
        ends: { type: ['string', 'null'], format: 'date-time' },
        scores: { type: 'object', additionalProperties: { $ref: '#/components/schemas/Score' } },
      },
      required: ['id', 'user_id', 'title', 'scores'],
    },
    Score: {
      type: 'object',
      properties: { id: { type: 'string' }, date: { type: 'string', format: 'date-time' } },
      required: ['id', 'date'],
    },
  },
};
const ROW: JsonSchema = {
  type: 'object',
  properties: {
    title: { type: 'string' },
    scores: {
      type: 'object',
      additionalProperties: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
    },
  },
  required: ['title', 'scores'],
};

it('takes a schema with all that it refers to, and leaves out what is not for a model', () => {
  const list = { type: 'array', items: { $ref: '#/components/schemas/Row' } };
  expect(forModel(list, components as never)).toEqual({ type: 'array', items: ROW });
});

it('takes what a reference in words of its own names, and every alternative', () => {
  const kinds = { schemas: { Kind: { type: 'string', enum: ['a', 'b'], description: 'A kind.' } } };
  const kind = { $ref: '#/components/schemas/Kind' };
  const enumOf = (description: string) => ({ type: 'string', enum: ['a', 'b'], description });
  expect(forModel({ allOf: [kind], description: 'Its kind.' }, kinds as never)).toEqual(enumOf('Its kind.'));
  const alternatives = [enumOf('A kind.'), { type: 'null' }];
  expect(forModel({ oneOf: [kind, { type: 'null' }] }, kinds as never)).toEqual({ oneOf: alternatives });
});

it('picks some of the properties, and requires what was required', () => {
  expect(pick(ROW, 'title')).toEqual({
    type: 'object',
    properties: { title: { type: 'string' } },
    required: ['title'],
  });
  expect(objectOf({ a: {} }, ['a', 'b'])).toEqual({ type: 'object', properties: { a: {} }, required: ['a'] });
  const optional = { properties: { a: {} } };
  for (const schema of [pick(optional, 'a'), forModel(optional, {})]) expect(schema.required).toEqual([]);
});

it('leaves of a value what the schema knows, however deep, and keeps keys that every object has', () => {
  const row = { id: 1, user_id: 'u', title: 'T', scores: { toString: { id: 'a', date: 'now' }, b: { id: 'b' } } };
  const known = { title: 'T', scores: { toString: { id: 'a' }, b: { id: 'b' } } };
  expect(project([row, row], { type: 'array', items: ROW })).toEqual([known, known]);
  expect(project(null, ROW)).toBeNull();
  expect(
    project({ answers: { q: ['x'] } }, objectOf({ answers: { type: 'object', additionalProperties: true } })),
  ).toEqual({
    answers: { q: ['x'] },
  });
});
