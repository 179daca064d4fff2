import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { CommandError, print, type WithApp } from '../common/command.js';
import { isNoSuchTable } from '../database/database-errors.js';
import type { IdConflict } from './content.repository.js';
import { ContentService } from './content.service.js';
import type { PackageIds } from './course-package.js';
import { type ImportPlan, isEmpty, type RowChanges } from './import-plan.js';
import { error, hasErrors, type Problem } from './problem.js';
import { type PlacedId, readPackage, type ReadPackage } from './read-package.js';

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
  await eachPackage(folders, 'have mistakes', async (folder) => {
    const { package: read, problems } = await readFolder(folder);
    printProblems(folder, problems);
    if (!read) return false;
    print(`${read.course.id}: ${read.chapters.length} chapters and ${read.quizzes.length} quizzes, no mistake`);
    return true;
  });
}

async function importAll(content: ContentService, folders: string[], flags: PlanFlags): Promise<void> {
  const folderOf = new Map<string, string>();
  await eachPackage(folders, 'were not imported', async (folder) => {
    const read = await readFolder(folder);
    // Whose the ids are can be asked only when the package says which course it is.
    const conflicts = read.ids.course === '' ? [] : await content.findConflicts(read.ids);
    const problems = [...read.problems, ...toProblems(conflicts, read.ids)];
    const twin = folderOf.get(read.ids.course);
    if (twin !== undefined) {
      problems.push(error('course.yaml', undefined, `the course id '${read.ids.course}' is already that of ${twin}`));
    }
    printProblems(folder, problems);
    if (!read.package || hasErrors(problems)) return false;
    folderOf.set(read.ids.course, folder);
    const options = { ...toOptions(flags), onProgress: progressOf(read.ids.course) };
    printPlan(read.ids.course, await content.import(read.package, options), flags);
    return true;
  });
}

/** Takes the packages one after another; what befalls one does not keep the others from their turn. */
async function eachPackage(
  folders: string[],
  failure: string,
  work: (folder: string) => Promise<boolean>,
): Promise<void> {
  let failed = 0;
  for (const folder of folders) {
    const isDone = await work(folder).catch((cause: unknown) => {
      if (isNoSuchTable(cause)) throw cause;
      printProblems(folder, [error('', undefined, `failed: ${(cause as Error).message}`)]);
      return false;
    });
    if (!isDone) failed++;
  }
  if (failed > 0) throw new CommandError(`${failed} of ${folders.length} packages ${failure}`);
}

function toProblems(conflicts: IdConflict[], ids: PackageIds<PlacedId>): Problem[] {
  return conflicts.map(({ kind, id, owner }) => {
    const place = (kind === 'chapter' ? ids.chapters : ids.quizzes).find((placed) => placed.id === id);
    const message = `the ${kind} id '${id}' belongs to the course '${owner}'; give another one`;
    return error(place?.file ?? '', place?.line, message);
  });
}

async function list(content: ContentService): Promise<void> {
  const courses = await content.list();
  if (courses.length === 0) print('There is no course yet.');
  for (const { id, title, chapters, quizzes, retired, state } of courses) {
    const kept = retired > 0 ? `, ${retired} retired` : '';
    print(`${id}  ${title}  ${chapters} chapters, ${quizzes} quizzes${kept}  ${state}`);
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
  const ids = { course: '', chapters: [], quizzes: [] };
  return { ids, problems: [error('', undefined, 'is not a folder')] };
}

function printProblems(folder: string, problems: Problem[]): void {
  for (const { severity, file, line, message } of problems) {
    const place = [folder.replace(/\/+$/, ''), file].filter(Boolean).join('/');
    print(`${place}${line === undefined ? '' : `:${line}`}: ${severity}: ${message}`, process.stderr);
  }
}

function printPlan(courseId: string, plan: ImportPlan, { dryRun = false }: PlanFlags): void {
  if (isEmpty(plan)) {
    print(`${courseId}: nothing to change`);
    return;
  }
  const kinds: [string, RowChanges<{ id: string }>][] = [
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
  print(`${courseId}: ${dryRun ? 'would be changed' : 'done'}: ${counts.join(', ')}`);
  for (const { action, kind, id } of rows) {
    if (dryRun || action === 'retire') print(`  ${action.padEnd(6)}  ${kind.padEnd(7)}  ${id}`);
  }
}

/** Tells of a large import now and then, on the error stream. */
function progressOf(courseId: string): (written: number, total: number) => void {
  let last = performance.now();
  return (written, total) => {
    if (performance.now() - last < PROGRESS_EVERY_MS) return;
    last = performance.now();
    print(`${courseId}: ${written} of ${total} written`, process.stderr);
  };
}
