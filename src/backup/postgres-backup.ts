import { pipeline } from 'node:stream/promises';
import { Client } from 'pg';
import { CHANGE_CHANNELS } from '../database/postgres-changes.js';
import { BackupError } from './backup-error.js';
import type { DatabaseBackup } from './database-backup.js';
import { PostgresPrograms } from './postgres-programs.js';

/** The schema that holds all of the application's tables. What lies beside it belongs to others. */
const SCHEMA = 'public';

/** How long a backup or a restore waits for a lock that someone else holds, such as a migration. */
const LOCK_TIMEOUT = '30s';

/** What is in the schema but extensions and what belongs to them; what belongs to a table goes with it. */
const OBJECTS = `
  SELECT o.type, o.identity
  FROM pg_depend d, pg_identify_object(d.classid, d.objid, 0) o
  WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = '${SCHEMA}'::regnamespace AND d.deptype = 'n'
    AND d.classid <> 'pg_extension'::regclass
    AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype = 'e')`;

/** What lies in other schemas and hangs on what is in this one, such as a view: it is in no backup. */
const HANGING_ON_IT = `
  SELECT pg_describe_object(d.classid, d.objid, d.objsubid) AS what
  FROM pg_depend d
  JOIN (
    SELECT 'pg_class'::regclass AS class, oid, relnamespace AS schema FROM pg_class
    UNION ALL SELECT 'pg_type'::regclass, oid, typnamespace FROM pg_type
    UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace FROM pg_proc
  ) ours ON ours.class = d.refclassid AND ours.oid = d.refobjid AND ours.schema = '${SCHEMA}'::regnamespace
  JOIN (
    SELECT 'pg_class'::regclass AS class, oid, relnamespace AS schema FROM pg_class WHERE relkind <> 't'
    UNION ALL SELECT 'pg_type'::regclass, oid, typnamespace FROM pg_type
    UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace FROM pg_proc
    UNION ALL SELECT 'pg_rewrite'::regclass, r.oid, c.relnamespace FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
    UNION ALL SELECT 'pg_constraint'::regclass, oid, connamespace FROM pg_constraint
    UNION ALL SELECT 'pg_attrdef'::regclass, a.oid, c.relnamespace FROM pg_attrdef a JOIN pg_class c ON c.oid = a.adrelid
    UNION ALL SELECT 'pg_trigger'::regclass, t.oid, c.relnamespace FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  ) theirs ON theirs.class = d.classid AND theirs.oid = d.objid
  WHERE theirs.schema NOT IN ('${SCHEMA}'::regnamespace, 'pg_toast'::regnamespace)
    AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = ours.class AND e.objid = ours.oid AND e.deptype = 'e')`;

/**
 * Not by dropping the schema, which may belong to another role and may hold extensions. What is to go is listed before
 * anything goes, as one thing takes others with it.
 */
const EMPTY_THE_SCHEMA = `
  DO $$
  DECLARE
    statement text;
    hanging text := (SELECT string_agg(DISTINCT what, ', ') FROM (${HANGING_ON_IT}) found);
  BEGIN
    IF hanging IS NOT NULL THEN
      RAISE 'What lies in other schemas would go too, and is in no backup: %', hanging;
    END IF;
    FOREACH statement IN ARRAY ARRAY(
      SELECT format('DROP %s IF EXISTS %s CASCADE', type, identity) FROM (${OBJECTS}) objects
    ) LOOP
      EXECUTE statement;
    END LOOP;
  END $$;`;

/** An archive of pg_dump's custom format. */
export class PostgresBackup implements DatabaseBackup {
  readonly name = 'PostgreSQL';
  readonly ending = '.dump';
  readonly signature = Buffer.from('PGDMP');
  private readonly programs: PostgresPrograms;

  constructor(private readonly url: string) {
    this.programs = new PostgresPrograms(url);
  }

  async write(file: string, signal: AbortSignal): Promise<void> {
    const what = ['--format=custom', `--schema=${SCHEMA}`, `--lock-wait-timeout=${LOCK_TIMEOUT}`];
    await this.programs.run('pg_dump', [...what, '--no-password', `--file=${file}`], signal);
    const migrations = await this.migrationsOf(file, signal);
    if (migrations.length === 0) throw new BackupError('There is nothing to back up: no migration has run');
  }

  async read(file: string, signal: AbortSignal): Promise<string[]> {
    await this.programs.run('pg_restore', ['--file=/dev/null', file], signal);
    return this.migrationsOf(file, signal);
  }

  async isEmpty(): Promise<boolean> {
    const client = new Client({ connectionString: this.url, connectionTimeoutMillis: 10_000 });
    try {
      await client.connect();
      const { rows } = await client.query(`${OBJECTS} LIMIT 1`);
      return rows.length === 0;
    } catch (error) {
      throw new BackupError(`The database cannot be reached: ${(error as Error).message}`);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /**
   * In one transaction, so that whoever reads meanwhile waits and then sees all of it. It is committed only when the
   * whole archive has been read: psql alone would take an archive that breaks off for one that ends.
   */
  async restore(file: string, accept: (migrations: string[]) => void, signal: AbortSignal): Promise<string[]> {
    const migrations = await this.migrationsOf(file, signal);
    accept(migrations);
    const quietly = ['--no-psqlrc', '--quiet', '--no-password', '--set=ON_ERROR_STOP=1', '--output=/dev/null'];
    const psql = this.programs.start('psql', quietly, signal);
    psql.stdin.write(`BEGIN; SET LOCAL client_min_messages = warning; SET LOCAL lock_timeout = '${LOCK_TIMEOUT}';`);
    psql.stdin.write(`${EMPTY_THE_SCHEMA}\n`);
    const what = [`--schema=${SCHEMA}`, '--no-owner', '--no-privileges', '--file=-'];
    const archive = this.programs.start('pg_restore', [...what, file], signal);
    archive.stdin.end();
    const copied = pipeline(archive.stdout, psql.stdin, { end: false });
    const [read] = await Promise.allSettled([archive.ended, copied]);
    // Whoever keeps something in memory forgets it: the triggers that would tell of changes were not there yet.
    const tell = CHANGE_CHANNELS.map((channel) => `NOTIFY ${channel};`).join(' ');
    psql.stdin.end(read.status === 'fulfilled' ? `ANALYZE; ${tell} COMMIT;\n` : '');
    // What psql has to say comes first: where it ends early, pg_restore only tells of a broken pipe.
    await psql.ended;
    if (read.status === 'rejected') throw read.reason;
    return migrations;
  }

  private async migrationsOf(file: string, signal: AbortSignal): Promise<string[]> {
    const only = ['--data-only', `--schema=${SCHEMA}`, '--table=migrations', '--file=-'];
    const sql = await this.programs.run('pg_restore', [...only, file], signal);
    const [, rows = ''] = /^COPY .* FROM stdin;\n([^]*?)^\\\.$/m.exec(sql) ?? [];
    return rows
      .split('\n')
      .filter((row) => row !== '')
      .map((row) => row.slice(row.lastIndexOf('\t') + 1));
  }
}
