import { setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { Config } from '../config/config.js';

/** What is still under way so long after the draining is cut, so that the process ends in bounded time. */
const CUT_AFTER_MS = 7000;

/**
 * The way out: on SIGTERM the server first says that it is not ready and goes on serving for a while, so that balancers
 * look elsewhere; every answer closes its connection; then it stops listening and lets what is in flight end.
 */
@Injectable()
export class Shutdown implements BeforeApplicationShutdown {
  isDraining = false;
  private readonly logger = new Logger('Shutdown');

  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    private readonly config: Config,
  ) {}

  /** Makes every answer of a draining server the last one on its connection. */
  closeConnectionsWhenDraining(server: FastifyInstance): void {
    server.addHook('onSend', (_request, reply, payload, done) => {
      if (this.isDraining) void reply.header('connection', 'close');
      done(null, payload);
    });
  }

  async beforeApplicationShutdown(signal?: string): Promise<void> {
    this.isDraining = true;
    if (signal === undefined) return;
    this.logger.log(`${signal}: draining for ${this.config.shutdownDrainMs} ms`);
    await delay(this.config.shutdownDrainMs);
    const { server } = this.host.httpAdapter.getInstance<FastifyInstance>();
    setTimeout(() => server.closeAllConnections(), CUT_AFTER_MS).unref();
  }
}
