import { isUtf8 } from 'node:buffer';
import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { error, type Problem, warning } from './problem.js';
import { suggestion } from './wording.js';

const MEBIBYTE = 1024 * 1024;
const MAX_FILE_BYTES = 2 * MEBIBYTE;
const MAX_PACKAGE_BYTES = 200 * MEBIBYTE;
const EXPECTED = ['course.yaml', 'chapters', 'quizzes'];
const byName = new Intl.Collator('en', { numeric: true });

export interface PackageFile {
  /** Relative to the package, with forward slashes. */
  path: string;
  text: string;
}

export interface PackageFiles {
  course?: PackageFile;
  /** In natural order of their names, as are the quizzes. */
  chapters: PackageFile[];
  quizzes: PackageFile[];
  /** Paths of the files that could not be read; `problems` says why. */
  unread: string[];
  problems: Problem[];
}

/** Reads the files of a course package. Nothing outside its folder is opened. */
export async function readPackageFiles(folder: string): Promise<PackageFiles> {
  const reader = new PackageReader(await realpath(folder));
  const course = await reader.readCourse();
  const chapters = await reader.readFolder('chapters', '.md');
  const quizzes = await reader.readFolder('quizzes', '.yaml');
  return { course, chapters, quizzes, unread: reader.unread, problems: reader.problems };
}

/** The natural order of file names: `9-x` comes before `10-x`. */
export function compareNames(a: string, b: string): number {
  return byName.compare(a, b) || (a < b ? -1 : Number(a > b));
}

class PackageReader {
  readonly problems: Problem[] = [];
  readonly unread: string[] = [];
  private bytes = 0;

  constructor(private readonly root: string) {}

  async readCourse(): Promise<PackageFile | undefined> {
    const names = await readdir(this.root);
    for (const name of names) {
      const hint = EXPECTED.includes(name) ? '' : suggestion(name, EXPECTED);
      if (hint) this.problems.push(warning(name, undefined, `is not read${hint}`));
    }
    if (names.includes('course.yaml')) return this.readFile('course.yaml');
    this.problems.push(error('course.yaml', undefined, 'is missing: a package is a folder with a course.yaml'));
    return undefined;
  }

  async readFolder(name: string, ending: string): Promise<PackageFile[]> {
    const folder = join(this.root, name);
    if (!(await lstat(folder).catch(() => null))) return [];
    if (!(await this.isInside(name))) return [];
    if (!(await stat(folder)).isDirectory()) {
      this.problems.push(error(name, undefined, 'must be a folder'));
      return [];
    }
    const files: PackageFile[] = [];
    for (const entry of (await readdir(folder)).sort(compareNames)) {
      if (entry.startsWith('.')) continue;
      const path = `${name}/${entry}`;
      if (!entry.endsWith(ending)) {
        this.problems.push(warning(path, undefined, `is not read: the files of ${name}/ end in ${ending}`));
        continue;
      }
      const file = await this.readFile(path);
      if (file) files.push(file);
      else this.unread.push(path);
    }
    return files;
  }

  private async readFile(path: string): Promise<PackageFile | undefined> {
    if (!(await this.isInside(path))) return undefined;
    const found = await stat(join(this.root, path));
    if (!found.isFile()) return this.refuse(path, 'must be a plain file');
    if (found.size > MAX_FILE_BYTES) return this.refuse(path, `is larger than ${MAX_FILE_BYTES / MEBIBYTE} MiB`);
    this.bytes += found.size;
    if (this.bytes > MAX_PACKAGE_BYTES) {
      return this.refuse(path, `makes the package larger than ${MAX_PACKAGE_BYTES / MEBIBYTE} MiB`);
    }
    const bytes = await readFile(join(this.root, path)).catch((cause: NodeJS.ErrnoException) => cause);
    return Buffer.isBuffer(bytes) ? this.decode(path, bytes) : this.refuse(path, `cannot be read (${bytes.code})`);
  }

  private decode(path: string, bytes: Buffer): PackageFile | undefined {
    if (!isUtf8(bytes)) return this.refuse(path, 'is not UTF-8', lineOfBadByte(bytes));
    const text = bytes.toString('utf8');
    const nul = text.indexOf('\0');
    if (nul >= 0) return this.refuse(path, 'holds a NUL character', text.slice(0, nul).split(/\r\n|\r|\n/).length);
    return { path, text: text.replace(/\r\n?/g, '\n') };
  }

  /** Whether the path, followed through its links, stays in the package. */
  private async isInside(path: string): Promise<boolean> {
    const target = await realpath(join(this.root, path)).catch(() => null);
    if (target === null) {
      this.refuse(path, 'is a link that leads nowhere');
      return false;
    }
    if (target.startsWith(this.root + sep)) return true;
    this.refuse(path, 'is a link that leaves the package');
    return false;
  }

  private refuse(path: string, message: string, line?: number): undefined {
    this.problems.push(error(path, line, message));
  }
}

function lineOfBadByte(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start);
    const next = end < 0 ? bytes.length : end + 1;
    // A line feed is never part of a longer UTF-8 sequence, so each line stands alone.
    if (!isUtf8(bytes.subarray(start, next))) return line;
    start = next;
  }
  return line;
}
