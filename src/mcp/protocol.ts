import {
  type CallToolResult,
  createMcpHandler,
  isLegacyRequest,
  isSpecType,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type Tool,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { validationError } from '../common/errors.js';
import { VERSION } from '../common/project.js';
import type { Arguments } from './ask.js';
import type { ListedTool } from './described-tools.js';

/** The tools as one client may use them. */
export interface Tools {
  list: ListedTool[];
  /** Null where there is no such tool. */
  call(name: string, args: Arguments): Promise<CallToolResult> | null;
}

const INSTRUCTIONS = `Course Companion holds courses, quizzes and what a learner has done of them. You are the tutor; these tools tell what is true.
Begin with get_learning_state for a learner who has signed in, else with list_courses. Teach from the text of get_chapter and search_course, not from memory, and say so where the course does not cover something.
Quizzes: get_quiz, put the questions one by one, then submit_quiz; go through the feedback. When a chapter has been read, complete_chapter.
Some chapters, quizzes and tools need a plan that has them. Where a tool says so, tell the learner in a sentence and go on with what is open to them.`;

/** How long a client may keep the list of tools: it changes with a new version of the service alone. */
const TOOLS_CACHE = { ttlMs: 3_600_000, cacheScope: 'public' as const };

/** What the library would call an error of its own if it could not read it. */
const IS_READABLE = new Map<string, (message: unknown) => boolean>([
  ['initialize', isSpecType.InitializeRequest],
  ['tools/list', isSpecType.ListToolsRequest],
]);

/**
 * Answers one message of the Model Context Protocol and remembers nothing of it: of the revision 2026-07-28, which
 * knows no sessions, or of those before it, whose clients send `initialize` first and are given no session.
 * @param message the body of the request; undefined where it had none
 * @throws {AppError} VALIDATION_ERROR
 */
export async function answer(request: Request, message: unknown, tools: Tools): Promise<Response> {
  const isLegacy = message !== undefined && (await isLegacyRequest(request, message));
  if (!isReadable(message, isLegacy)) {
    throw validationError([{ field: 'params', message: 'are not those of the method' }]);
  }
  const server = serverOf(tools);
  if (!isLegacy) {
    return createMcpHandler(() => server, { legacy: 'reject' }).fetch(request, { parsedBody: message });
  }
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  await server.connect(transport);
  try {
    return await transport.handleRequest(request, { parsedBody: message });
  } finally {
    await server.close();
  }
}

function isReadable(message: unknown, isLegacy: boolean): boolean {
  const { method } = (message ?? {}) as { method?: unknown };
  // The newer revision has no `initialize`, whatever its parameters are.
  if (typeof method !== 'string' || (method === 'initialize' && !isLegacy)) return true;
  return IS_READABLE.get(method)?.(message) ?? true;
}

function serverOf(tools: Tools): Server {
  const server = new Server(
    { name: 'course-companion', title: 'Course Companion', version: VERSION },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS, cacheHints: { 'tools/list': TOOLS_CACHE } },
  );
  server.setRequestHandler('tools/list', () => ({ tools: tools.list as Tool[] }));
  server.setRequestHandler('tools/call', ({ params }) => {
    const result = tools.call(params.name, params.arguments ?? {});
    if (result) return result;
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no tool '${params.name.slice(0, 100)}'`);
  });
  return server;
}
