import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Answer, ask } from '../bench/client.js';
import { PROJECT_ROOT } from '../src/common/project.js';
import { Deployment } from './deployment.js';
import type { Finding } from './finding.js';
import { freePort, isListening } from './ports.js';
import { Process, until } from './process.js';
import { temporaryFolder } from './scope.js';

/** Too large for a dependency; later ones need a newer Node. */
const PRISM = '@stoplight/prism-cli@5.14.2';
const FETCHED_WITHIN_MS = 120_000;
const DOCUMENT = join(PROJECT_ROOT, 'openapi.json');
const COURSES = '/api/v1/courses';

interface Document {
  components: { schemas: { CourseDto: { properties: Record<string, object> } } };
}

/**
 * Whether an independent validator, Prism as a proxy before the service, finds a request or an answer of the demos that
 * is not as openapi.json has it; and whether it would find one.
 */
export async function keptBeforePrism(): Promise<Finding> {
  const deployment = await Deployment.prepare('sqlite');
  const server = await deployment.serve();
  const prism = await Prism.before(server.url, DOCUMENT);
  const failed: string[] = [];
  for (const demo of ['learner', 'hybrid']) {
    const failure = await failureOf(demo, { ...deployment.settings, BASE_URL: prism.url });
    if (failure !== null) failed.push(`${demo}: ${failure}`);
  }
  const blind = [
    isViolation(await ask(`${prism.url}${COURSES}?limit=0`)) ? null : 'a request that is not valid was let pass',
    isViolation(await askUnlikeDocument(server.url)) ? null : 'an answer unlike the document was let pass',
  ].filter((what) => what !== null);
  const figure = `${prism.exchanges} requests of the demos and their answers as the document has them`;
  return { held: failed.length + blind.length === 0, figure: [...failed, ...blind, figure].join('; ') };
}

/** Asks through a Prism that has been told that the titles of courses are numbers. */
async function askUnlikeDocument(url: string): Promise<Answer> {
  const document = JSON.parse(readFileSync(DOCUMENT, 'utf8')) as Document;
  document.components.schemas.CourseDto.properties.title = { type: 'integer' };
  const path = join(temporaryFolder(), 'openapi.json');
  writeFileSync(path, JSON.stringify(document));
  const prism = await Prism.before(url, path);
  return ask(`${prism.url}${COURSES}`);
}

function isViolation({ status, text }: Answer): boolean {
  return status >= 400 && text.includes('stoplight.io/prism/errors');
}

/** What a demo says where it fails, as it does at the first error of Prism's; null where it does not. */
async function failureOf(demo: string, settings: NodeJS.ProcessEnv): Promise<string | null> {
  const { PATH, HOME } = process.env;
  const options = { cwd: temporaryFolder(), env: { PATH, HOME, ...settings } };
  try {
    await promisify(execFile)(process.execPath, [join(PROJECT_ROOT, 'dist/demo/main.js'), demo], options);
    return null;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return `${stdout.trim().split('\n').at(-1)} ${stderr.trim()}`;
  }
}

/** A validating proxy, which answers with an error of its own where a request or an answer is not valid. */
class Prism {
  private constructor(
    readonly url: string,
    private readonly process: Process,
  ) {}

  static async before(upstream: string, document: string): Promise<Prism> {
    const port = await freePort();
    const cwd = temporaryFolder();
    const args = [
      '--yes',
      PRISM,
      'proxy',
      document,
      upstream,
      '--errors',
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
    ];
    const prism = new Process('npx', args, { cwd, env: process.env, log: join(cwd, 'log') });
    if ((await until(() => isListening(port), FETCHED_WITHIN_MS)) === null) {
      throw new Error(`Prism did not start:\n${prism.tail}`);
    }
    return new Prism(`http://127.0.0.1:${port}`, prism);
  }

  /** How many requests it has passed on. */
  get exchanges(): number {
    return this.process.log.split('Forwarding').length - 1;
  }
}
