import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildStage, imageEnvironment, instruction, lastStage, stages } from './dockerfile.js';
import { readText } from './manifests.js';

describe('the image', () => {
  it('is built in stages upon one base, whose version is named', () => {
    const bases = stages().map(([[, from]]) => from.split(' ')[0]);
    expect(bases).toHaveLength(2);
    expect(new Set(bases).size).toBe(1);
    expect(bases[0]).toMatch(/^node:\d+\.\d+\.\d+-bookworm-slim$/);
  });

  it('holds nothing to build with', () => {
    const commands = lastStage.filter(([name]) => name === 'RUN').map(([, rest]) => rest);
    expect(commands.join('\n')).not.toMatch(/g\+\+|gcc|make|python|npm (ci|install)|curl|wget/);
    expect(buildStage.map(([, rest]) => rest).join('\n')).toMatch(/npm prune --omit=dev.*rm -rf .*typescript/s);
  });

  it('runs node itself, as a user without rights', () => {
    expect(instruction('USER')).toBe('node');
    expect(JSON.parse(instruction('CMD'))).toEqual(['node', 'dist/src/main.js']);
    expect(instruction('EXPOSE')).toBe('8000');
    expect(imageEnvironment.NODE_ENV).toBe('production');
  });

  it('is built from what .dockerignore lets through, and nothing else comes along', () => {
    const copied = [...buildStage, ...lastStage]
      .filter(([name, rest]) => name === 'COPY' && !rest.startsWith('--from'))
      .flatMap(([, rest]) => rest.split(' ').slice(0, -1));
    const [everything, ...let_through] = readText('.dockerignore').split('\n').slice(1, -1);
    expect(everything).toBe('*');
    expect(let_through.filter((line) => line.startsWith('!')).sort()).toEqual(
      [...new Set(copied)].map((name) => `!${name}`).sort(),
    );
  });

  it.each([
    [200, 0],
    [503, 1],
    [null, 1],
  ])('is healthy where the server answers (with %s it exits with %s)', async (status, code) => {
    const double = createServer((request, response) => {
      response.statusCode = request.url === '/health/live' ? (status ?? 0) : 404;
      response.end();
    });
    await new Promise<void>((resolve) => double.listen(0, '127.0.0.1', resolve));
    const { port } = double.address() as AddressInfo;
    if (status === null) double.close();
    const [, ...words] = JSON.parse(instruction('HEALTHCHECK').split(' CMD ')[1]) as string[];
    const child = spawn(process.execPath, words, { env: { PORT: String(port) } });
    expect((await once(child, 'exit'))[0]).toBe(code);
    double.close();
  });
});
