import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { CommandError, type WithApp } from '../common/command.js';
import { ContentService } from './content.service.js';
import { type Changes, type ImportPlan, isEmpty } from './import-plan.js';
import { hasErrors, type Problem } from './problem.js';
import { readPackage, type ReadPackage } from './read-package.js';

const PROGRESS_EVERY_MS = 500;

interface PlanFlags {
  dryRun?: boolean;
  prune?: boolean;
}

/** The operator's commands for courses. `withApp` lends the application, its database open, to what needs it. */
export function contentCommands(program: Command, withApp: WithApp): void {
  const content = program.command('content').description('check, import, list and remove courses');

  content
    .command('check')
    .description('check course packages and write nothing')
    .argument('<dir...>', 'folders with a course.yaml')
    .action((folders: string[]) => checkAll(folders));

  content
    .command('import')
    .description('make the stored courses what their packages say, each whole or not at all')
    .argument('<dir...>', 'folders with a course.yaml')
    .option('--dry-run', 'show what would be done, and do nothing')
    .option('--prune', 'delete what is gone from a package even where learners have completed or attempted it')
    .action((folders: string[], flags: PlanFlags) =>
      withApp((app) => importAll(app.get(ContentService), folders, flags)),
    );

  content
    .command('list')
    .description('list the stored courses')
    .action(() => withApp((app) => list(app.get(ContentService))));

  content
    .command('remove')
    .description('take a course away; what learners have completed or attempted is kept out of sight')
    .argument('<id>', "the course's id")
    .option('--dry-run', 'show what would be done, and do nothing')
    .option('--prune', 'delete it with all that learners have done in it')
    .action((id: string, flags: PlanFlags) => withApp((app) => remove(app.get(ContentService), id, flags)));
}

async function checkAll(folders: string[]): Promise<void> {
  let failed = 0;
  for (const folder of folders) {
    const { package: read, problems } = await readFolder(folder);
    printProblems(folder, problems);
    if (!read) failed++;
    else console.log(`${read.course.id}: ${read.chapters.length} chapters and ${read.quizzes.length} quizzes, no mistake`);
  }
  if (failed > 0) throw new CommandError(`${failed} of ${folders.length} packages have mistakes`);
}

async function importAll(content: ContentService, folders: string[], flags: PlanFlags): Promise<void> {
  const seen = new Map<string, string>();
  let failed = 0;
  for (const folder of folders) {
    const { package: read, problems } = await readFolder(folder);
    const twin = read && seen.get(read.course.id);
    if (twin !== undefined) problems.push(sameCourse(read?.course.id ?? '', twin));
    if (!read || hasErrors(problems)) {
      printProblems(folder, problems);
      failed++;
      continue;
    }
    seen.set(read.course.id, folder);
    const outcome = await content.import(read, { ...toOptions(flags), onProgress: progressOf(read.course.id) });
    printProblems(folder, Array.isArray(outcome) ? [...problems, ...outcome] : problems);
    if (Array.isArray(outcome)) failed++;
    else printPlan(read.course.id, outcome, flags);
  }
  if (failed > 0) {
    throw new CommandError(`${failed} of ${folders.length} packages have mistakes; nothing of them was imported`);
  }
}

async function list(content: ContentService): Promise<void> {
  const courses = await content.list();
  if (courses.length === 0) console.log('There is no course yet.');
  for (const { id, title, chapters, quizzes, retired, state } of courses) {
    const kept = retired > 0 ? `, ${retired} retired` : '';
    console.log(`${id}  ${title}  ${chapters} chapters, ${quizzes} quizzes${kept}  ${state}`);
  }
}

async function remove(content: ContentService, id: string, flags: PlanFlags): Promise<void> {
  printPlan(id, await content.remove(id, toOptions(flags)), flags);
}

function toOptions({ dryRun = false, prune = false }: PlanFlags): { dryRun: boolean; prune: boolean } {
  return { dryRun, prune };
}

async function readFolder(folder: string): Promise<ReadPackage> {
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory()) return readPackage(folder);
  return { problems: [{ severity: 'error', file: '', message: 'is not a folder' }] };
}

function sameCourse(id: string, twin: string): Problem {
  return { severity: 'error', file: 'course.yaml', message: `the course id '${id}' is already that of ${twin}` };
}

function printProblems(folder: string, problems: Problem[]): void {
  for (const { severity, file, line, message } of problems) {
    const place = [folder.replace(/\/+$/, ''), file].filter(Boolean).join('/');
    console.error(`${place}${line === undefined ? '' : `:${line}`}: ${severity}: ${message}`);
  }
}

function printPlan(courseId: string, plan: ImportPlan, { dryRun = false }: PlanFlags): void {
  if (isEmpty(plan)) {
    console.log(`${courseId}: nothing to change`);
    return;
  }
  const kinds: [string, Changes<{ id: string }>][] = [
    ['course', plan.courses],
    ['chapter', plan.chapters],
    ['quiz', plan.quizzes],
  ];
  const rows = kinds.flatMap(([kind, { add, change, remove: removed, retire }]) => [
    ...add.map(({ id }) => ({ action: 'add', kind, id })),
    ...change.map(({ id }) => ({ action: 'change', kind, id })),
    ...removed.map((id) => ({ action: 'remove', kind, id })),
    ...retire.map((id) => ({ action: 'retire', kind, id })),
  ]);
  const counts = ['add', 'change', 'remove', 'retire'].map(
    (action) => `${rows.filter((row) => row.action === action).length} to ${action}`,
  );
  console.log(`${courseId}: ${dryRun ? 'would be changed' : 'done'}: ${counts.join(', ')}`);
  for (const { action, kind, id } of rows) {
    if (dryRun || action === 'retire') console.log(`  ${action.padEnd(6)}  ${kind.padEnd(7)}  ${id}`);
  }
}

/** Tells of a large import now and then, on the error stream. */
function progressOf(courseId: string): (written: number, total: number) => void {
  let last = performance.now();
  return (written, total) => {
    if (performance.now() - last < PROGRESS_EVERY_MS) return;
    last = performance.now();
    console.error(`${courseId}: ${written} of ${total} written`);
  };
}
