import { once } from 'node:events';
import { chmod, cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as httpRequest,
} from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { PROJECT_ROOT } from '../src/common/project.js';
import { Deployment } from './deployment.js';
import { freePort, isListening } from './ports.js';
import { Process, until } from './process.js';
import { COURSE } from './sample-course.js';
import { temporaryFolder } from './scope.js';
import type { Server } from './server.js';

const START_WITHIN_MS = 5000;
/** The proxy is at 127.0.0.1, which is believed; clients come from elsewhere, so that they are not. */
const CLIENT = '127.0.0.2';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Whether the cache answered: HIT, MISS, BYPASS, STALE … */
  cached: string;
}

/**
 * The built service with a database and a sample course of its own, behind the nginx that deploy/nginx.conf describes.
 */
export class CachedService {
  private constructor(
    private readonly folder: string,
    readonly deployment: Deployment,
    private readonly server: Server,
    private readonly port: number,
  ) {}

  /** @param settings beside those of every drill */
  static async start(settings: NodeJS.ProcessEnv): Promise<CachedService> {
    const folder = temporaryFolder();
    // Its workers are not whoever starts it.
    await chmod(folder, 0o755);
    await cp(join(PROJECT_ROOT, 'content', COURSE), join(folder, 'course'), { recursive: true });
    const deployment = await Deployment.prepare('sqlite');
    const server = await deployment.serve({ TRUSTED_PROXIES: '127.0.0.1', ...settings });
    const port = await freePort();
    const conf = (await readFile(join(PROJECT_ROOT, 'deploy/nginx.conf'), 'utf8'))
      .replace('listen 127.0.0.1:8080', `listen 127.0.0.1:${port}`)
      .replace('server 127.0.0.1:8000', `server ${new URL(server.url).host}`);
    await writeFile(join(folder, 'nginx.conf'), conf);
    const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')];
    const nginx = new Process('nginx', args, { cwd: folder, env: process.env, log: join(folder, 'log') });
    if ((await until(() => isListening(port), START_WITHIN_MS)) === null)
      throw new Error(`nginx did not start:\n${nginx.tail}`);
    return new CachedService(folder, deployment, server, port);
  }

  /** Sends a GET through the cache, from the address of a client. */
  async get(path: string, headers: OutgoingHttpHeaders = {}, from = CLIENT): Promise<Answer> {
    const sent = httpRequest({ host: '127.0.0.1', port: this.port, path, headers, localAddress: from });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const body = await buffer(response);
    const cached = String(response.headers['x-cache-status']);
    return { status: response.statusCode ?? 0, headers: response.headers, body, cached };
  }

  /** Where the service is without the cache. */
  get directUrl(): string {
    return this.server.url;
  }

  /** Imports the sample course with another word for one of its chapters' words. */
  async importWith(chapter: string, before: string, after: string): Promise<void> {
    const file = join(this.folder, 'course/chapters', chapter);
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll(before, after));
    await this.deployment.command(['content', 'import', join(this.folder, 'course')]);
  }

  /** Empties the cache while nginx runs. */
  async purge(): Promise<void> {
    for (const file of await this.cacheFiles()) await rm(file, { force: true });
  }

  /** How many answers the cache holds that contain a text. */
  async countStored(text: string): Promise<number> {
    const contents = await Promise.all((await this.cacheFiles()).map((file) => readFile(file)));
    return contents.filter((content) => content.includes(text)).length;
  }

  private async cacheFiles(): Promise<string[]> {
    const entries = await readdir(join(this.folder, 'cache'), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  }
}
