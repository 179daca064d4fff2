import type { LoggerService } from '@nestjs/common';
import pino, { type Logger } from 'pino';
import type { Config } from '../config/config.js';
import { requestContext } from './request-context.js';

/** The process's one logger: JSON lines, readable ones on a developer's terminal. */
export function createLogger(config: Config): Logger {
  const readable = !config.isProduction && process.stdout.isTTY;
  return pino({
    level: config.logLevel,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: () => {
      const context = requestContext.getStore();
      return context ? { request_id: context.requestId } : {};
    },
    ...(readable && {
      transport: { target: 'pino-pretty', options: { ignore: 'request_id', translateTime: 'HH:MM:ss' } },
    }),
  });
}

/** Where Nest tells how it puts the application together; of interest only to who debugs that. */
const ASSEMBLY = ['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication'];

/** Sends Nest's own messages, and those of its `Logger`, through the one logger. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context = ''): void {
    this.logger[ASSEMBLY.includes(context) ? 'debug' : 'info']({ context }, String(message));
  }

  warn(message: unknown, context?: string): void {
    this.logger.warn({ context }, String(message));
  }

  error(message: unknown, stack?: string, context?: string): void {
    this.logger.error({ context, stack }, String(message));
  }

  debug(message: unknown, context?: string): void {
    this.logger.debug({ context }, String(message));
  }

  verbose(message: unknown, context?: string): void {
    this.logger.trace({ context }, String(message));
  }

  fatal(message: unknown, context?: string): void {
    this.logger.fatal({ context }, String(message));
  }
}
