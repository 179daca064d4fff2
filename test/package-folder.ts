import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readPackage } from '../src/content/read-package.js';

export type Files = Record<string, string | Buffer>;

export const COURSE = 'id: c\ntitle: A course\ndescription: What it is about\n';
export const CHAPTER = '---\ntitle: One\n---\n\nSome text.\n';
export const QUIZ = `chapter_id: c-one
title: A quiz
questions:
  - id: q1
    question: Which?
    options: [alpha, beta]
    correct_answer: alpha
`;
/** A course package without a mistake. */
export const GOOD: Files = { 'course.yaml': COURSE, 'chapters/01-one.md': CHAPTER, 'quizzes/one.yaml': QUIZ };

export function question(text: string): Files {
  return { 'quizzes/one.yaml': `chapter_id: c-one\ntitle: A quiz\nquestions:\n${text}` };
}

/** The folder of a course package. */
export class PackageFolder {
  private constructor(readonly path: string) {}

  static async make(): Promise<PackageFolder> {
    return new PackageFolder(await mkdtemp(join(tmpdir(), 'course-package-')));
  }

  async write(files: Files): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(this.path, path)), { recursive: true });
      await writeFile(join(this.path, path), content);
    }
  }

  /** Reads a good package with some files changed and gives what was found wrong, a line each. */
  async problems(files: Files = {}): Promise<string[]> {
    await this.write({ ...GOOD, ...files });
    const read = await readPackage(this.path);
    return read.problems.map(({ severity, file, line, message }) => `${file}:${line ?? ''} ${severity}: ${message}`);
  }

  remove(): Promise<void> {
    return rm(this.path, { recursive: true });
  }
}
