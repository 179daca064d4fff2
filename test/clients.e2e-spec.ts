import { spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../src/common/project.js';
import { cli, type Outcome, outcomeOf, serve, type Server, start } from './built.js';
import { migrated, type TestDatabase } from './test-app.js';

const DOCUMENT = join(PROJECT_ROOT, 'openapi.json');

/** Where the programs in `clients/` find what is generated, and are themselves once they are compiled. */
const GENERATED = join(PROJECT_ROOT, 'dist/clients');
const PROGRAMS = '../clients/built/test/clients';

const tool = (name: string, ...args: string[]) => outcomeOf(spawn(join(PROJECT_ROOT, 'node_modules/.bin', name), args));
const SILENT = { code: 0, stdout: '', stderr: '' };

let database: TestDatabase;
let server: Server;
beforeAll(async () => {
  await rm(GENERATED, { recursive: true, force: true });
  await mkdir(join(GENERATED, 'oazapfts'), { recursive: true });
  expect(await tool('openapi-ts', '-i', DOCUMENT, '-o', join(GENERATED, 'hey-api'), '-s')).toEqual(SILENT);
  expect(await tool('oazapfts', DOCUMENT, join(GENERATED, 'oazapfts/api.ts'))).toEqual(SILENT);
  database = await migrated('sqlite');
  await cli(['content', 'import', join(PROJECT_ROOT, 'content/modern-python-with-typing')], {
    DATABASE_URL: database.url,
  });
  server = await serve({ DATABASE_URL: database.url });
});
afterAll(async () => {
  server.child.kill('SIGKILL');
  await database.drop();
});

/** How a demo ends with this client, and how with the demo's own. */
function ledBy(client: string, demo: string): Promise<Outcome[]> {
  const settings = { DATABASE_URL: database.url, BASE_URL: server.url };
  const programs = [`${PROGRAMS}/${client}.js`, '../demo/main.js'];
  return Promise.all(programs.map((program) => outcomeOf(start(program, [demo], settings))));
}

/** What was asked and with which status it was answered, in its order. */
function exchanges(printed: string): string[] {
  return [...printed.matchAll(/^([A-Z]+ \/\S*)$[^→]*^→ (\d+)/gm)].map(([, asked, status]) => `${asked} ${status}`);
}

it('clients of two generators fit the server’s own types, under strict TypeScript', async () => {
  expect(await tool('tsc', '-p', join(__dirname, 'clients'))).toEqual(SILENT);
});

describe.each(['hey-api', 'oazapfts'])('the client of %s', (client) => {
  it('leads a learner through the whole course, past a failed quiz and a locked chapter', async () => {
    const [{ code, stdout, stderr }, own] = await ledBy(client, 'learner');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/not passed[^]*passed, 70 %[^]*→ 403 .*SUBSCRIPTION_REQUIRED[^]*has premium/);
    expect(stdout).toContain('# 100 % of “Modern Python with Typing”, a streak of 1 day.');
    expect(exchanges(stdout)).toEqual(exchanges(own.stdout));
  });

  it('has the four features of the premium plan answer, and tells what is left of them', async () => {
    const [{ code, stdout, stderr }, own] = await ledBy(client, 'hybrid');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/→ 403 .*SUBSCRIPTION_REQUIRED[^]*Your answer speaks of[^]*mentor_sessions: 1 used, 1 left/);
    expect(exchanges(stdout)).toEqual(exchanges(own.stdout));
  });
});
