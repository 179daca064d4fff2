import type { LoggerService } from '@nestjs/common';
import pino, { type DestinationStream, type Logger } from 'pino';
import type { Config } from '../config/config.js';
import { requestContext } from './request-context.js';
import { standardOutput } from './standard-output.js';

/**
 * The process's one logger: JSON lines, readable ones on a developer's terminal.
 * @param destination where they go, if not to the standard output
 */
export function createLogger(config: Config, destination?: DestinationStream): Logger {
  const options = {
    level: config.logLevel,
    base: undefined,
    timestamp: timestampField(),
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
    mixin: () => {
      const context = requestContext.getStore();
      return context ? { request_id: context.requestId, trace_id: context.trace.traceId } : {};
    },
  };
  if (!destination && !config.isProduction && process.stdout.isTTY) {
    const target = { target: 'pino-pretty', options: { ignore: 'request_id,trace_id', translateTime: 'HH:MM:ss' } };
    return pino({ ...options, transport: target });
  }
  return pino(options, destination ?? standardOutput());
}

/** Writes the `time` field of a log line, in ISO's form; it is made once in each millisecond. */
export function timestampField(): () => string {
  let written = { at: 0, text: '' };
  return () => {
    const at = Date.now();
    if (at !== written.at) written = { at, text: `,"time":"${new Date(at).toISOString()}"` };
    return written.text;
  };
}

/** Where Nest tells how it puts the application together; of interest only to who debugs that. */
const ASSEMBLY = ['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication'];

/**
 * Sends Nest's own messages, and those of its `Logger`, through the one logger. A message is a text, an error, or an
 * event: `{ event: 'what.happened', … }`.
 */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context = ''): void {
    this.write(ASSEMBLY.includes(context) ? 'debug' : 'info', message, context);
  }

  warn(message: unknown, context?: string): void {
    this.write('warn', message, context);
  }

  error(message: unknown, stack?: string, context?: string): void {
    this.write('error', message, context, stack);
  }

  debug(message: unknown, context?: string): void {
    this.write('debug', message, context);
  }

  verbose(message: unknown, context?: string): void {
    this.write('trace', message, context);
  }

  fatal(message: unknown, context?: string): void {
    this.write('fatal', message, context);
  }

  private write(level: pino.Level, message: unknown, context?: string, stack?: string): void {
    if (message instanceof Error) this.logger[level]({ context, err: message }, message.message);
    else if (isEvent(message)) this.logger[level]({ context, ...message }, message.event);
    else this.logger[level]({ context, stack }, String(message));
  }
}

function isEvent(message: unknown): message is { event: string } {
  return typeof message === 'object' && message !== null && 'event' in message;
}

interface DescribedError {
  type: string;
  message: string;
  code?: unknown;
  stack?: string;
  cause?: DescribedError;
}

const MAX_CAUSES = 5;

/**
 * An error and what caused it. Nothing else of it: errors of the database carry the statement's parameters, and those
 * of a model's provider the prompt.
 */
function describeError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const { name, message, stack, cause } = error;
  const { code } = error as { code?: unknown };
  const hasCause = cause !== undefined && cause !== null && depth < MAX_CAUSES;
  return { type: name, message, code, stack, ...(hasCause && { cause: describeError(cause, depth + 1) }) };
}
