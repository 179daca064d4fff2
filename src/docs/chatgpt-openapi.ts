import type { OpenAPIObject } from '@nestjs/swagger';
import { OAUTH, oauthScheme, type OperationObject, type ParameterObject, parametersOf } from './openapi.js';

/*
 * What a custom GPT can use of the API. Its rules are those of GPT Actions (developers.openai.com/api/docs/actions,
 * production notes): at most 30 operations, texts of 300 and 700 characters, no headers of one's own, and answers of
 * fewer than 100,000 characters.
 */

type ResponseObject = Extract<OperationObject['responses'][string], { description: string }>;
type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
type SchemaObject = Extract<Schemas[string], { properties?: unknown }>;

/** Operations that are open to apps and of no use here. */
const LEFT_OUT = new Set([
  // A chapter may hold 2 MiB; its sections are short.
  'getChapter',
  'getNextChapter',
  'getPreviousChapter',
  // One search finds courses and chapters alike.
  'searchCourses',
  'searchChapters',
  // What a plan opens is told by `getAccess`.
  'getSubscription',
]);

/** What takes something away from the learner, so that ChatGPT asks each time. */
const CONSEQUENTIAL = new Set(['takeCompletionBack', 'resetStreak']);

/**
 * Parameters that keep an answer short: the greatest value of a number, or a flag that is always false. They are
 * required, as without them the API's own, more generous defaults would hold. No bound is there for a quiz, a progress
 * and the answers of an attempt; the importer warns of courses where they are too long.
 */
const BOUNDS: Record<string, Record<string, number | false>> = {
  listCourses: { limit: 10 },
  listChapters: { limit: 50, include_content: false },
  search: { limit: 20 },
  listCourseQuizzes: { limit: 50, include_questions: false },
  listAttempts: { limit: 3 },
  listProgress: { limit: 50, include_scores: false },
};

/** Properties that a tutor has no use for, in every schema and in some. */
const NEEDLESS = ['user_id', 'attempt_id', 'created_at', 'updated_at'];
const NEEDLESS_IN: Record<string, string[]> = {
  AdaptiveLearningRequest: ['quiz_performance', 'time_spent'],
  LLMAssessmentRequest: ['correct_answer', 'question_context'],
  HybridUsageDto: ['cost_usd'],
  ChapterDto: ['content'],
  CourseProgressDto: ['quiz_scores'],
  UserProgressDto: ['id'],
  QuizAttemptDto: ['id'],
};

const DESCRIPTION = `Courses, their chapters section by section, quizzes graded by rule, and the progress of the learner who has signed
in. A list gives \`limit\` items from \`offset\` on; one that is full may have more.`;

/**
 * The part of the application's document that can be pasted into a custom GPT as it is.
 * @param whole the application's own document
 * @param publicUrl the origin by which ChatGPT reaches the service
 */
export function buildChatGptOpenApi(whole: OpenAPIObject, publicUrl: string): OpenAPIObject {
  const paths: Record<string, Record<string, OperationObject>> = {};
  for (const [path, item] of Object.entries(whole.paths)) {
    for (const [method, operation] of Object.entries(item) as [string, OperationObject][]) {
      if (isAction(operation)) (paths[path] ??= {})[method] = toAction(operation);
    }
  }
  const tags = new Set(Object.values(paths).flatMap((item) => Object.values(item).flatMap((action) => action.tags)));
  return {
    openapi: whole.openapi,
    info: { ...whole.info, description: DESCRIPTION },
    servers: [{ url: publicUrl }],
    tags: whole.tags?.filter(({ name }) => tags.has(name)),
    paths,
    components: {
      schemas: schemasOf(paths, whole.components?.schemas ?? {}),
      securitySchemes: { [OAUTH]: oauthScheme(publicUrl) },
    },
  };
}

function isAction({ operationId = '', security = [] }: OperationObject): boolean {
  return security.some((token) => OAUTH in token) && !LEFT_OUT.has(operationId);
}

function toAction(operation: OperationObject) {
  const { operationId = '', tags, summary, description, requestBody, security, responses } = operation;
  const bounds = BOUNDS[operationId] ?? {};
  return {
    operationId,
    tags,
    summary,
    description,
    'x-openai-isConsequential': CONSEQUENTIAL.has(operationId),
    // A GPT signs a learner in once, for everything: plan and limits are theirs where no sign-in is needed, too.
    security: security?.filter((token) => OAUTH in token),
    parameters: parametersOf(operation).map((parameter) => toArgument(parameter, bounds[parameter.name])),
    // One that may be left out says only whose the request is.
    requestBody: requestBody && 'required' in requestBody && requestBody.required ? requestBody : undefined,
    responses: toAnswers(responses as Record<string, ResponseObject>),
  };
}

const NEVER = { description: 'Always false, to keep the answer short.', schema: { type: 'boolean', enum: [false] } };

function toArgument(parameter: ParameterObject, bound?: number | false): ParameterObject {
  if (parameter.name === 'user_id') {
    return { ...parameter, description: 'The learner who has signed in.', schema: { type: 'string', enum: ['me'] } };
  }
  if (bound === undefined) return parameter;
  const { name, in: place } = parameter;
  return { name, in: place, required: true, ...(bound === false ? NEVER : atMost(bound)) };
}

function atMost(maximum: number) {
  const description = `How many at the most, 1 to ${maximum}; \`offset\` leads to the others.`;
  return { description, schema: { type: 'integer', minimum: 1, maximum } };
}

/** What comes of headers and of URLs that no action sends. */
const NEVER_MET = new Set(['304', '414', '431']);

/** No action sends or reads headers; an error tells in its body what is wrong, so its codes are enough. */
function toAnswers(responses: Record<string, ResponseObject>): OperationObject['responses'] {
  const answers = Object.entries(responses).filter(([status]) => !NEVER_MET.has(status));
  return Object.fromEntries(
    answers.map(([status, { description, content }]) => [
      status,
      status.startsWith('2') ? { description, content } : { description },
    ]),
  );
}

/** The schemas that these paths speak of, without what is needless in them. */
function schemasOf(paths: object, all: Schemas): Schemas {
  const schemas: Schemas = {};
  const add = (part: object) => {
    for (const [, name] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (name in schemas) continue;
      schemas[name] = trimmed(all[name] as SchemaObject, [...NEEDLESS, ...(NEEDLESS_IN[name] ?? [])]);
      add(schemas[name]);
    }
  };
  add(paths);
  return schemas;
}

function trimmed({ properties, required, ...schema }: SchemaObject, needless: string[]): SchemaObject {
  if (!properties) return schema;
  const kept = Object.entries(properties).filter(([name]) => !needless.includes(name));
  return {
    ...schema,
    properties: Object.fromEntries(kept.map(([name, property]) => [name, withProperties(property)])),
    ...(required && { required: required.filter((name) => !needless.includes(name)) }),
  };
}

/** OpenAI's check of schemas takes no object without `properties`, not even a map. */
function withProperties(property: Schemas[string]): Schemas[string] {
  return 'type' in property && property.type === 'object' ? { properties: {}, ...property } : property;
}
