import { Injectable, Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../auth/caller.js';
import { AppError } from '../common/errors.js';
import { Config } from '../config/config.js';
import { describedRoutes } from '../docs/described-routes.js';
import { buildOpenApi } from '../docs/openapi.js';
import { clientAddress } from '../limits/client-address.js';
import { type Arguments, ask } from './ask.js';
import { CHAPTER_TOOLS } from './chapter-tools.js';
import { describeTool, type ListedTool } from './described-tools.js';
import { LEARNING_TOOLS } from './learning-tools.js';
import { type Operation, operationsOf } from './operations.js';
import { isWelcome } from './origin.js';
import { PREMIUM_TOOLS } from './premium-tools.js';
import type { answer } from './protocol.js';
import { READING_TOOLS } from './reading-tools.js';
import { errorResult, type ErrorResult } from './refusals.js';
import { project } from './schemas.js';
import type { Ask, Tool } from './tool.js';

const TOOLS = [...LEARNING_TOOLS, ...READING_TOOLS, ...CHAPTER_TOOLS, ...PREMIUM_TOOLS];

type ToolResult = {
  content: { type: 'text'; text: string }[];
  structuredContent: Record<string, unknown>;
};

interface DescribedTool {
  tool: Tool;
  listed: ListedTool;
}

/** What is made when the first client asks. */
interface Loaded {
  answer: typeof answer;
  operations: Map<string, Operation>;
  tools: Map<string, DescribedTool>;
}

/** The tools of the REST API for models: the Model Context Protocol over HTTP, https://modelcontextprotocol.io. */
@Injectable()
export class McpService {
  private app: NestFastifyApplication;
  private loaded?: Promise<Loaded>;
  private readonly logger = new Logger('Mcp');

  constructor(private readonly config: Config) {}

  /** @param app whose operations the tools ask */
  attach(app: NestFastifyApplication): void {
    this.app = app;
  }

  /**
   * Answers a message.
   * @param message the body of the request
   * @param hangUp comes when the client hangs up
   * @throws {AppError} INSUFFICIENT_PERMISSIONS for a page that may not ask, VALIDATION_ERROR
   */
  async answer(request: FastifyRequest, message: unknown, hangUp: AbortSignal): Promise<Response> {
    const { publicUrl, corsOrigins } = this.config;
    if (!isWelcome(request.headers, publicUrl, corsOrigins)) {
      throw new AppError('INSUFFICIENT_PERMISSIONS', 'Pages of this origin may not ask here');
    }
    const asker = { request, address: clientAddress(request), hangUp };
    const { answer, operations, tools } = await (this.loaded ??= this.load());
    const server = this.app.getHttpAdapter().getInstance();
    const askOne: Ask = (id, args) => ask(server, operations.get(id) as Operation, args, asker);
    return answer(toWebRequest(request, publicUrl), message, {
      list: [...tools.values()].map(({ listed }) => listed),
      call: (name, args) => {
        const found = tools.get(name);
        return found ? this.call(found, args, askOne, request.caller) : null;
      },
    });
  }

  private async call(
    { tool, listed }: DescribedTool,
    args: Arguments,
    askOne: Ask,
    caller: Caller | null,
  ): Promise<ToolResult | ErrorResult> {
    try {
      const structuredContent = project(await tool.run(args, askOne), listed.outputSchema) as Record<string, unknown>;
      // Clients that know no structured content show the text to their model.
      return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
    } catch (error) {
      return errorResult(this.toAppError(error), this.config.publicUrl, caller?.scopes ?? null);
    }
  }

  private toAppError(error: unknown): AppError {
    if (error instanceof AppError) return error;
    this.logger.error(error);
    return new AppError('INTERNAL_SERVER_ERROR', 'Something went wrong on our side');
  }

  private async load(): Promise<Loaded> {
    const { answer } = await import('./protocol.js');
    const operations = operationsOf(buildOpenApi(this.app), describedRoutes(this.app));
    const described = TOOLS.map((tool) => [tool.name, { tool, listed: describeTool(tool, operations) }] as const);
    return { answer, operations, tools: new Map(described) };
  }
}

/** What the protocol's library reads of a request beside its body. */
function toWebRequest({ headers }: FastifyRequest, publicUrl: string): Request {
  return new Request(`${publicUrl}/mcp`, { method: 'POST', headers: headers as Record<string, string> });
}
