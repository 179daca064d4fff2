import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, getSchemaPath, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { Scope } from '../auth/scope.js';
import { ErrorDto, exampleOf } from '../common/errors.dto.js';
import { ERROR_STATUS, type ErrorCode } from '../common/errors.js';
import { ID_PATTERN } from '../common/ids.js';
import { VERSION } from '../common/project.js';
import { Config } from '../config/config.js';
import { CLIENT_ID_PATTERN } from '../connections/client-id.pipe.js';
import { UNLIMITED } from '../limits/limit-hooks.js';
import { LIMITS, writeLimit } from '../limits/limits.js';
import { type DescribedRoute, describedRoutes } from './described-routes.js';

export type OperationObject = NonNullable<OpenAPIObject['paths'][string]['get']>;
export type ParameterObject = Extract<NonNullable<OperationObject['parameters']>[number], { in: string }>;

const DESCRIPTION = `The backend of Course Companion, a tutor that never sleeps: courses, their chapters and what comes next,
quizzes graded by rule, progress, accounts and what their plans open.

Every error has one shape, ErrorDto, and every answer carries an \`X-Request-Id\`.
Lists are bare arrays; \`X-Total-Count\` and \`Link\` tell of the rest.
Sign in at \`/api/v1/auth/login\` and send the access token as a bearer token. Where a token is not needed it may be sent too:
a plan opens premium chapters. An app that a learner has connected sends a token of \`/oauth/token\`; \`oauth\` names the scope
that opens a route to it, and a route without one is closed to apps.

\`x-rate-limit\` tells how often a route may be asked, beside a limit for each address over all routes
and limits for failed logins of one account; what is left is told by \`X-RateLimit-Limit\`, \`-Remaining\` and \`-Reset\`.
How often a day the premium features may be used, and what is left of it, \`/api/v1/hybrid/usage/{user_id}\` tells.`;

/** An id in a path: its rule, and one that the sample course has. */
const PATH_IDS: Record<string, Pick<ParameterObject, 'description' | 'example' | 'schema'>> = {
  course_id: { description: "The course's id.", example: 'modern-python-with-typing' },
  chapter_id: { description: "The chapter's id.", example: 'modern-python-with-typing-why-types' },
  section_id: { description: "The section's id; `first` is the chapter's first one.", example: 'first' },
  quiz_id: { description: "The quiz's id.", example: 'modern-python-with-typing-quiz-why-types' },
  client_id: {
    description: "The app's id, as the list of connections has it; percent-encoded where it is a URL.",
    example: 'chatgpt-tutor',
    schema: { type: 'string', pattern: CLIENT_ID_PATTERN.source },
  },
  user_id: { description: "The user's id; `me` is the caller.", example: 'me' },
};

const BEARER = 'bearer';
export const OAUTH = 'oauth';

/** What a learner may grant to an app; `offline_access` is OpenID Connect's. */
const SCOPE_DESCRIPTIONS: Record<Scope | 'offline_access', string> = {
  'learn:read': 'Read courses, quizzes and the learner’s own progress, plan and usage.',
  'learn:write': 'Submit quizzes, complete chapters, reset the streak and use the premium features for the learner.',
  offline_access: 'Stay connected without signing in again.',
};

const RATE_LIMIT_HEADERS = {
  'X-RateLimit-Limit': 'Requests that the window allows.',
  'X-RateLimit-Remaining': 'Requests that are left in it.',
  'X-RateLimit-Reset': 'When it ends, in Unix seconds.',
};

const RETRY_HEADER = { 'Retry-After': 'Seconds after which to ask again.' };
/** What the HTTP server refuses before it looks at the route, and what any route's input can be refused with. */
const OF_EVERY_REQUEST: ErrorCode[] = [
  'BAD_REQUEST',
  'URI_TOO_LONG',
  'HEADERS_TOO_LARGE',
  'VALIDATION_ERROR',
  'INTERNAL_SERVER_ERROR',
];
/** Where a body is read, be it one that the route has no use for. */
const OF_BODIES: ErrorCode[] = ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'];

/** The OpenAPI 3.1 document of the application. */
export function buildOpenApi(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Course Companion')
    .setDescription(DESCRIPTION)
    .setVersion(VERSION)
    .addServer('/', 'This server')
    .addTag('Courses', 'What can be studied.')
    .addTag('Chapters', "A course's text, and what comes next.")
    .addTag('Quizzes', 'Questions, submissions graded by rule, and attempts.')
    .addTag('Progress', 'Completed chapters, scores and the streak.')
    .addTag('Search', 'The passage that answers.')
    .addTag('Hybrid', 'Four premium features that a model answers, or rules where there is none.')
    .addTag('Accounts', 'Who somebody is: registration, sign-in, tokens and the account itself.')
    .addTag('Subscriptions', "Plans, and what a user's plan opens.")
    .addTag('Service', 'What the service is and how it does.')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, BEARER)
    .addOAuth2(oauthScheme(), OAUTH)
    .build();
  const document = SwaggerModule.createDocument(app, config, { autoTagControllers: false, extraModels: [ErrorDto] });
  const routes = describedRoutes(app);
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item) as [string, OperationObject][]) {
      const route = routes.get(operation.operationId ?? '');
      if (route) describe(operation, { method, path }, route, app.get(Config));
    }
  }
  const license = { name: 'All rights reserved', identifier: 'LicenseRef-All-Rights-Reserved' };
  return { ...document, info: { ...document.info, license, contact: { name: 'Course Companion' } }, security: [] };
}

interface Place {
  method: string;
  path: string;
}

function describe(operation: OperationObject, { method, path }: Place, route: DescribedRoute, config: Config): void {
  const { limit } = route;
  operation.parameters = [
    ...pathParameters(path),
    ...parametersOf(operation).filter(({ in: place }) => place !== 'path'),
  ];
  operation.security = securityOf(route);
  if (limit) {
    const { per } = LIMITS[limit];
    Object.assign(operation, { 'x-rate-limit': { name: limit, limit: writeLimit(config.limit(limit)), per } });
  }
  const codes = [...errorsOf(path, route), ...(method === 'get' ? [] : OF_BODIES)];
  const refusals = new Set<number>(codes.map((code) => ERROR_STATUS[code]));
  for (const status of refusals) {
    operation.responses[status] = errorResponse(codes.filter((code) => ERROR_STATUS[code] === status));
  }
  for (const [status, response] of Object.entries(operation.responses)) {
    if (!response) continue;
    const limits = !UNLIMITED.test(path) && (status.startsWith('2') || status === '429') ? RATE_LIMIT_HEADERS : {};
    // A check that failed is a 503 too, but no refusal.
    const retry = (status === '429' || status === '503') && refusals.has(Number(status)) ? RETRY_HEADER : {};
    Object.assign(response, withHeaders(response, { ...limits, ...retry }));
  }
}

/**
 * How an app comes by a token.
 * @param origin where the service is; without one the URLs are relative to the document's server
 */
export function oauthScheme(origin = '') {
  const authorizationUrl = `${origin}/oauth/authorize`;
  const tokenUrl = `${origin}/oauth/token`;
  const flows = { authorizationCode: { authorizationUrl, tokenUrl, refreshUrl: tokenUrl, scopes: SCOPE_DESCRIPTIONS } };
  return { type: 'oauth2', description: 'The token of an app that a learner has connected.', flows } as const;
}

/** Which tokens a route takes; an empty alternative says that it needs none. */
function securityOf({ access, scope }: DescribedRoute): Record<string, string[]>[] | undefined {
  if (access === 'open') return undefined;
  const taken: Record<string, string[]>[] = access === 'public' ? [{}] : [];
  taken.push({ [BEARER]: [] });
  if (scope) taken.push({ [OAUTH]: [scope] });
  return taken;
}

/** Every parameter of the path, whichever decorator reads it. */
function pathParameters(path: string): ParameterObject[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', pattern: ID_PATTERN.source },
    ...PATH_IDS[name],
  }));
}

export function parametersOf({ parameters = [] }: OperationObject): ParameterObject[] {
  return parameters.filter((parameter): parameter is ParameterObject => 'in' in parameter);
}

/** What may go wrong: the route's own errors, and those that follow from what its other decorators say. */
function errorsOf(path: string, { access, limit, errors }: DescribedRoute): ErrorCode[] {
  const codes: ErrorCode[] = [...errors, ...OF_EVERY_REQUEST];
  if (!UNLIMITED.test(path)) codes.push('RATE_LIMIT_EXCEEDED', 'SERVICE_UNAVAILABLE');
  if (limit === 'QUIZZES_SUBMIT') codes.push('QUIZ_SUBMISSION_LIMIT_EXCEEDED');
  if (access === 'open') return [...new Set(codes)];
  // An app's token may lack the scope, or the route may be closed to apps.
  codes.push('TOKEN_EXPIRED', 'INVALID_TOKEN', 'ACCOUNT_DISABLED', 'INSUFFICIENT_PERMISSIONS');
  if (access !== 'public') codes.push('USER_NOT_AUTHENTICATED');
  return [...new Set(codes)];
}

function errorResponse(codes: ErrorCode[]) {
  return {
    description: codes.join(', '),
    content: {
      'application/json': {
        schema: { $ref: getSchemaPath(ErrorDto) },
        examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code) }])),
      },
    },
  };
}

function withHeaders(response: object, added: Record<string, string>): object {
  if (Object.keys(added).length === 0) return response;
  const known = 'headers' in response ? (response.headers as object) : {};
  const limits = Object.entries(added).map(([name, description]) => [
    name,
    { description, required: true, schema: { type: 'integer' } },
  ]);
  return { ...response, headers: { ...known, ...(Object.fromEntries(limits) as object) } };
}
