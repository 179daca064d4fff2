import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { Config } from '../config/config.js';

/**
 * How long requests are held before the listener is closed. Closing it resets whatever waits to be accepted; a client
 * that waits for its answer does not connect again meanwhile, so that nobody is left waiting there.
 */
const HOLD_MS = 100;

/** How long after that the last connections may take to send their requests. */
const LAST_REQUESTS_MS = 250;

/** What is still under way so long after the draining is cut, so that the process ends in bounded time. */
const CUT_AFTER_MS = 7000;

/**
 * The way out: on SIGTERM the server first says that it is not ready and goes on serving for a while, so that balancers
 * look elsewhere; every answer closes its connection; then it stops listening and lets what is in flight end.
 */
@Injectable()
export class Shutdown implements BeforeApplicationShutdown {
  isDraining = false;
  private held?: Promise<void>;
  private readonly logger = new Logger('Shutdown');

  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    private readonly config: Config,
  ) {}

  /** Makes every answer of a draining server the last one on its connection. */
  attach(server: FastifyInstance): void {
    server.addHook('onRequest', (_request, reply, done) => {
      if (this.isDraining) void reply.header('connection', 'close');
      if (this.held) void this.held.then(() => done());
      else done();
    });
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
    this.held = delay(HOLD_MS).then(() => stopListening(server));
    await this.held;
    await delay(LAST_REQUESTS_MS);
    setTimeout(() => server.closeAllConnections(), CUT_AFTER_MS).unref();
  }
}

/**
 * Closes the listener and nothing else: http.Server's own close() would also cut connections that were accepted a
 * moment ago and whose request has not been read yet.
 */
function stopListening(server: Server): void {
  NetServer.prototype.close.call(server);
}
