import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const FILE = 'data/secret-key';
const MIN_CHARACTERS = 32;

/**
 * The key of an installation that was given none: made once and kept, readable by its owner alone.
 * @throws {Error} that says why, if it can be neither read nor kept
 */
export function storedSecretKey(file = FILE): string {
  const key = read(file) ?? make(file);
  if (key.length < MIN_CHARACTERS) throw new Error(`${file} holds no key; remove it and another one is made`);
  return key;
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** The file appears whole or not at all, and of several processes that make it at once one wins. */
function make(file: string): string {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${randomBytes(48).toString('base64url')}\n`, { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
  return readFileSync(file, 'utf8').trim();
}
