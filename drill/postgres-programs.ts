import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const DEBIAN = '/usr/lib/postgresql';

/** Who runs PostgreSQL's programs. */
interface Account {
  uid: number;
  gid: number;
}

/** PostgreSQL does not run as root: then it is the account `postgres`. */
export function serverAccount(): Account | null {
  if (process.getuid?.() !== 0) return null;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** Where PostgreSQL's programs are: in the newest of Debian's folders, or on the path. */
export function binaries(): string {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((one, other) => Number(other) - Number(one)) : [];
  const folders = [
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  const found = folders.find((folder) => existsSync(join(folder, 'initdb')));
  if (found === undefined) throw new Error('initdb is not on this machine');
  return found;
}

/** Gives a folder to the account of the server. */
export function own(folder: string): void {
  const account = serverAccount();
  if (account) chownSync(folder, account.uid, account.gid);
}
