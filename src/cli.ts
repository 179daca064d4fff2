import './common/early-end.js';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { Command } from 'commander';
import { DataSource } from 'typeorm';
import { createApp } from './app.js';
import { AppModule } from './app.module.js';
import { userCommands } from './auth/users.commands.js';
import { backupCommands } from './backup/backup.commands.js';
import { CommandError, print, type WithApp } from './common/command.js';
import { AppError } from './common/errors.js';
import { PROJECT_ROOT, VERSION } from './common/project.js';
import { ConfigError, loadConfig } from './config/config.js';
import { contentCommands } from './content/content.commands.js';
import { ContentService } from './content/content.service.js';
import { readPackage } from './content/read-package.js';
import { readerOptions } from './database/data-source.js';
import { DatabaseConnection } from './database/database-connection.js';
import { isDatabaseUnavailable, isNoSuchTable } from './database/database-errors.js';
import { migrate } from './database/migrate.js';
import { UnitOfWork } from './database/unit-of-work.js';
import { buildChatGptOpenApi } from './docs/chatgpt-openapi.js';
import { buildOpenApi } from './docs/openapi.js';
import { Metrics } from './metrics/metrics.js';
import { oauthCommands } from './oauth/oauth.commands.js';
import { SearchIndex } from './search/search-index.js';
import { SearchIndexRepository } from './search/search-index.repository.js';
import { subscriptionCommands } from './subscriptions/subscriptions.commands.js';

const SAMPLE_COURSES = join(PROJECT_ROOT, 'content');

const withApp: WithApp = async (work) => {
  const app = await NestFactory.createApplicationContext(AppModule.with(loadConfig()), {
    logger: ['error', 'fatal'],
    abortOnError: false,
  });
  try {
    await app.get(DatabaseConnection).open();
    await work(app);
  } finally {
    await app.close();
  }
};

async function migrateDatabase(): Promise<void> {
  const config = loadConfig();
  const connection = new DatabaseConnection(new DataSource(readerOptions(config)), config);
  try {
    await connection.open();
    const names = await migrate(connection.writer);
    print(names.length > 0 ? `migrated: ${names.join(', ')}` : 'the database is up to date');
    const searchIndex = new SearchIndex(new SearchIndexRepository());
    const courses = await searchIndex.refreshOutdated(
      connection.reader.manager,
      new UnitOfWork(connection, config, new Metrics()),
    );
    if (courses.length > 0) print(`indexed for the search: ${courses.length} of the courses`);
  } finally {
    await connection.close();
  }
}

/** Makes a fresh installation ready to serve: the schema, and the sample course where there is no other. */
async function setUp(): Promise<void> {
  await migrateDatabase();
  await withApp(async (app) => {
    const content = app.get(ContentService);
    if (!(await content.isEmpty())) return;
    for (const name of await readdir(SAMPLE_COURSES)) {
      const { package: sample, problems } = await readPackage(join(SAMPLE_COURSES, name));
      if (!sample) throw new CommandError(`The sample course has mistakes: ${problems[0].message}`);
      await content.import(sample, { dryRun: false, prune: false });
      print(`loaded the sample course '${sample.course.title}'`);
    }
  });
}

async function writeOpenApi(file: string, { chatgpt = false }: { chatgpt?: boolean }): Promise<void> {
  const config = loadConfig();
  const app = await createApp(config);
  try {
    await app.init();
    const whole = buildOpenApi(app);
    const document = chatgpt ? buildChatGptOpenApi(whole, config.publicUrl) : whole;
    await writeFile(file, `${JSON.stringify(document, null, 2)}\n`);
  } finally {
    await app.close();
  }
}

const program = new Command('cli')
  .description("Course Companion: the operator's commands")
  .version(VERSION)
  .showHelpAfterError();
program.command('migrate').description("bring the database's schema up to date").action(migrateDatabase);
program.command('setup').description('migrate, and load the sample course into an empty database').action(setUp);
program
  .command('openapi')
  .description('write the OpenAPI document')
  .argument('<file>', 'where to')
  .option('--chatgpt', 'the one for a custom GPT at PUBLIC_URL instead')
  .action(writeOpenApi);
contentCommands(program, withApp);
userCommands(program, withApp);
subscriptionCommands(program, withApp);
oauthCommands(program, withApp);
backupCommands(program);

// A command that never comes to its end, as when a prompt is closed, has failed.
process.exitCode = 1;
program.parseAsync().then(
  () => (process.exitCode = 0),
  (error: unknown) => console.error(explain(error)),
);

function explain(error: unknown): unknown {
  if (isNoSuchTable(error)) return 'The database has no tables yet: run "npm run migrate" first.';
  if (isDatabaseUnavailable(error)) return `The database cannot be reached: ${(error as Error).message}`;
  const isExpected = [CommandError, ConfigError, AppError].some((kind) => error instanceof kind);
  // A file that cannot be read or written says enough too.
  const isOfTheSystem = error instanceof Error && 'syscall' in error;
  return isExpected || isOfTheSystem ? (error as Error).message : error;
}
