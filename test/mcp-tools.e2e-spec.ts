import Ajv2020 from 'ajv/dist/2020.js';
import type { ListedTool } from '../src/mcp/described-tools.js';
import type { JsonSchema } from '../src/mcp/schemas.js';
import { serve, type Server } from './built.js';
import { migrated, type TestDatabase } from './test-app.js';

/** What each tool takes and who may call it, by what REST asks of the same. */
const READ = [{ type: 'noauth' }, { type: 'oauth2', scopes: ['learn:read'] }];
const OWN = [{ type: 'oauth2', scopes: ['learn:read'] }];
const ACT = [{ type: 'oauth2', scopes: ['learn:write'] }];
const TOOLS: Record<string, { needs: string[]; mayHave: string[]; security: object[] }> = {
  list_courses: { needs: [], mayHave: ['limit', 'offset'], security: READ },
  get_course_outline: { needs: ['course_id'], mayHave: ['limit', 'offset'], security: READ },
  get_chapter: { needs: ['chapter_id'], mayHave: ['section_id'], security: READ },
  next_chapter: { needs: ['chapter_id'], mayHave: [], security: READ },
  search_course: { needs: ['q'], mayHave: ['limit', 'offset'], security: READ },
  get_quiz: { needs: ['quiz_id'], mayHave: [], security: READ },
  get_learning_state: { needs: [], mayHave: [], security: OWN },
  get_progress: { needs: ['course_id'], mayHave: [], security: OWN },
  complete_chapter: { needs: ['course_id', 'chapter_id'], mayHave: [], security: ACT },
  submit_quiz: { needs: ['quiz_id', 'answers'], mayHave: ['submission_id'], security: ACT },
  recommend_next_chapter: { needs: ['course_id'], mayHave: ['current_chapter_id', 'learning_goals'], security: ACT },
  assess_free_text: { needs: ['quiz_id', 'question_id', 'user_response'], mayHave: [], security: ACT },
  synthesize_chapters: { needs: ['course_id', 'chapter_ids'], mayHave: ['learning_goals'], security: ACT },
  ask_mentor: { needs: ['course_id', 'question'], mayHave: ['chapter_id', 'context', 'session_id'], security: ACT },
};

let database: TestDatabase;
let server: Server;
let tools: ListedTool[];
beforeAll(async () => {
  database = await migrated('sqlite');
  server = await serve({ DATABASE_URL: database.url });
  const answer = await fetch(`${server.url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  ({ tools } = ((await answer.json()) as { result: { tools: ListedTool[] } }).result);
});
afterAll(async () => {
  server.child.kill('SIGKILL');
  await database.drop();
});

it('there is a tool for everything that a tutor does, each with the arguments and the scope of its routes', () => {
  const told = tools.map(({ name, inputSchema, securitySchemes, _meta }) => {
    expect(_meta.securitySchemes).toEqual(securitySchemes);
    const { properties = {}, required = [] } = inputSchema;
    const optional = Object.keys(properties).filter((argument) => !required.includes(argument));
    return [name, { needs: required.toSorted(), mayHave: optional.toSorted(), security: securitySchemes }];
  });
  const sorted = Object.entries(TOOLS).map(([name, tool]) => [name, { ...tool, needs: tool.needs.toSorted() }]);
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(sorted));
});

it('every tool tells a model when to use it, and what each argument is, in as many words as are read', () => {
  for (const { name, title, description, inputSchema } of tools) {
    expect(name).toMatch(/^[a-z_]{1,64}$/);
    expect([name, title.length > 5 && title.length < 60]).toEqual([name, true]);
    expect([name, description.length >= 40 && description.length <= 1024]).toEqual([name, true]);
    expect(description).toMatch(/^Use this /);
    for (const [argument, schema] of Object.entries(inputSchema.properties ?? {})) {
      const length = schema.description?.length ?? 0;
      expect([name, argument, length >= 10 && length <= 700]).toEqual([name, argument, true]);
    }
    expect(`${title} ${description}`).not.toMatch(/\$|price|upgrade|buy|subscribe/i);
  }
});

it('every tool says truthfully what it changes', () => {
  const hints = Object.fromEntries(tools.map(({ name, annotations }) => [name, annotations]));
  const reading = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
  for (const [name, { security }] of Object.entries(TOOLS)) {
    const changes = { ...reading, readOnlyHint: false, idempotentHint: name === 'complete_chapter' };
    expect([name, hints[name]]).toEqual([name, expect.objectContaining(security === ACT ? changes : reading)]);
    expect(hints[name].title.length).toBeGreaterThan(5);
  }
});

it('every schema is whole, is JSON Schema, and holds no id of an account or a row, no time and no price', () => {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: true, validateFormats: false });
  for (const { name, inputSchema, outputSchema } of tools) {
    for (const schema of [inputSchema, outputSchema]) {
      expect([name, schema.type]).toEqual([name, 'object']);
      expect(() => ajv.compile(schema)).not.toThrow();
      expect(JSON.stringify(schema)).not.toContain('$ref');
    }
    expect(inputSchema.additionalProperties).toBe(false);
    const fields = fieldsOf(outputSchema);
    expect(fields.length).toBeGreaterThan(2);
    for (const [field, { type, format }] of fields) {
      expect([name, field]).not.toEqual([
        name,
        expect.stringMatching(/^(user|attempt|request|trace)_id$|_at$|price|cost|^date$/),
      ]);
      expect([name, field, format]).not.toEqual([name, field, 'date-time']);
      if (field === 'id') expect([name, type]).toEqual([name, 'string']);
    }
  }
});

/** Every property of a schema and of what is in it. */
function fieldsOf({ properties = {}, items, additionalProperties }: JsonSchema): [string, JsonSchema][] {
  const inner = [items, typeof additionalProperties === 'object' ? additionalProperties : undefined];
  return [
    ...Object.entries(properties).flatMap(([name, schema]): [string, JsonSchema][] => [
      [name, schema],
      ...fieldsOf(schema),
    ]),
    ...inner.flatMap((schema) => (schema ? fieldsOf(schema) : [])),
  ];
}
