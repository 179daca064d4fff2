import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storedSecretKey } from './secret-key.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'course-companion-key-'))));
afterEach(() => rmSync(folder, { recursive: true }));

it('is made once, kept, and readable by its owner alone', () => {
  const file = join(folder, 'data', 'secret-key');
  const key = storedSecretKey(file);
  expect(key).toMatch(/^[\w-]{64}$/);
  expect(storedSecretKey(file)).toBe(key);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it.each(['', '\n', 'abcd'])('is not %j: a file that holds no key stops the start', (content) => {
  const file = join(folder, 'secret-key');
  writeFileSync(file, content);
  expect(() => storedSecretKey(file)).toThrow('holds no key');
});
