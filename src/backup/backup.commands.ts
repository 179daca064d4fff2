import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { CommandError, print } from '../common/command.js';
import { loadConfig } from '../config/config.js';
import { knownMigrations } from '../database/data-source.js';
import { BackupTakenError } from './backup-error.js';
import { Backups } from './backups.js';

const MAX_ATTEMPTS = 5;

/** The operator's commands for backups. They need no application, as the database may be empty or broken. */
export function backupCommands(program: Command): void {
  const backup = program.command('backup').description('make, list, check and put back backups of the database');

  backup
    .command('create')
    .description('make a backup while the server goes on; the last line is its file')
    .option('--to <file>', 'where to, instead of the folder of backups; such a file is never taken away again')
    .action(({ to }: { to?: string }) =>
      withBackups(async (backups, signal) =>
        print(await (to === undefined ? createNow(backups, signal) : backups.createAt(to, signal))),
      ),
    );

  backup
    .command('list')
    .description('list the backups in their folder, newest first')
    .action(() => withBackups(list));

  backup
    .command('verify')
    .description('read a backup to its end and compare its checksum')
    .argument('<file>', 'the backup')
    .action((file: string) =>
      withBackups(async (backups, signal) => {
        const migrations = await backups.verify(file, signal);
        print(`${basename(file)} is sound: ${migrations.length} migrations, the last is ${migrations.at(-1)}`);
        printDifferences(migrations);
      }),
    );

  backup
    .command('restore')
    .description('put a backup in the place of the database, all of it or nothing')
    .argument('<file>', 'the backup')
    .option('--force', 'also where something is stored, which is lost')
    .action((file: string, { force = false }: { force?: boolean }) =>
      withBackups(async (backups, signal) => {
        const migrations = await backups.restore(file, { force }, signal);
        print(`restored ${basename(file)}`);
        printDifferences(migrations);
      }),
    );
}

/** Lends the backups, and a signal that says when the operator wants an end; nothing half done is left then. */
async function withBackups(work: (backups: Backups, signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  try {
    await work(new Backups(loadConfig()), stop.signal);
  } catch (error) {
    if (stop.signal.aborted) throw new CommandError('Broken off');
    throw error;
  }
}

/** A backup is named by its second; of several that begin in the same one, the others take the next. */
async function createNow(backups: Backups, signal: AbortSignal): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await backups.create(new Date(), signal);
    } catch (error) {
      if (!(error instanceof BackupTakenError) || attempt === MAX_ATTEMPTS) throw error;
      await delay(1000 - (Date.now() % 1000), undefined, { signal });
    }
  }
}

async function list(backups: Backups): Promise<void> {
  const all = await backups.list();
  if (all.length === 0) print('There is no backup yet.');
  for (const { file, at, bytes } of all) {
    print([basename(file), at.toISOString(), `${(bytes / 1e6).toFixed(bytes < 1e6 ? 3 : 1)} MB`].join('  '));
  }
}

function printDifferences(migrations: string[]): void {
  const known = knownMigrations();
  const missing = known.filter((name) => !migrations.includes(name));
  const unknown = migrations.filter((name) => !known.includes(name));
  if (missing.length > 0) print(`It has not had ${missing.join(', ')}: run "npm run migrate" before it is served.`);
  if (unknown.length > 0)
    print(`It has had ${unknown.join(', ')}, which this version does not know: serve it with the one that does.`);
}
