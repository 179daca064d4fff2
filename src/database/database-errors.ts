import {
  CannotExecuteNotConnectedError,
  EntityMetadataNotFoundError,
  QueryFailedError,
  QueryRunnerAlreadyReleasedError,
  QueryRunnerProviderAlreadyReleasedError,
} from 'typeorm';

const POSTGRES_AWAY = /^(08|28|57P0|53)|^(25006|3D000|57014)$/;
const SOCKET_AWAY = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH)$/;
const SQLITE_AWAY = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|PROTOCOL|NOTADB|CORRUPT)/;
const CONNECTION_LOST = /^(Connection terminated|Client has encountered a connection error)/;
const NO_CONNECTION = /^timeout exceeded when trying to connect/;

/**
 * Whether the database could not do its work for now: it is away, starting, full, busy, out of connections, closed to
 * us or not yet migrated. Such a request gets a 503.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  const { code, message } = fromDriver(error);
  return (
    error instanceof EntityMetadataNotFoundError ||
    error instanceof CannotExecuteNotConnectedError ||
    isConnectionTakenBack(error) ||
    isConnectionLost(error) ||
    isNoSocketThere(error) ||
    [POSTGRES_AWAY, SOCKET_AWAY, SQLITE_AWAY].some((pattern) => pattern.test(code)) ||
    NO_CONNECTION.test(message) ||
    isNoSuchTable(error)
  );
}

/**
 * Whether a transaction's connection died between two of its statements: TypeORM hands it back at once, so that the
 * next statement, COMMIT too, is never sent.
 */
export function isConnectionTakenBack(error: unknown): boolean {
  return error instanceof QueryRunnerAlreadyReleasedError || error instanceof QueryRunnerProviderAlreadyReleasedError;
}

/** Whether a table is missing, as before the first migration. */
export function isNoSuchTable(error: unknown): boolean {
  const { code, message } = fromDriver(error);
  return code === '42P01' || message.startsWith('no such table');
}

/** Whether the socket file that the database listens at is missing; the same code is that of any missing file. */
function isNoSocketThere(error: unknown): boolean {
  const { code, syscall } = fromDriver(error);
  return code === 'ENOENT' && syscall === 'connect';
}

/** Whether PostgreSQL gave up a transaction that a fresh one may bring through: 40001, or 40P01 (deadlock). */
export function isSerializationFailure(error: unknown): boolean {
  return ['40001', '40P01'].includes(fromDriver(error).code);
}

/**
 * Whether the connection broke off or was taken away: what had not been committed on it is undone, and a fresh one may
 * bring it through.
 */
export function isConnectionLost(error: unknown): boolean {
  const { code, message } = fromDriver(error);
  return /^(57P01|57P02|08006|ECONNRESET|EPIPE)$/.test(code) || CONNECTION_LOST.test(message);
}

/** Whether a row with the same key was there already. */
export function isUniqueViolation(error: unknown): boolean {
  return ['23505', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY'].includes(fromDriver(error).code);
}

/** Whether a row names another one that is gone, as when its user was deleted a moment ago. */
export function isForeignKeyViolation(error: unknown): boolean {
  return ['23503', 'SQLITE_CONSTRAINT_FOREIGNKEY'].includes(fromDriver(error).code);
}

/** Whether another process holds SQLite's lock. */
export function isSqliteBusy(error: unknown): boolean {
  return fromDriver(error).code.startsWith('SQLITE_BUSY');
}

/** What the driver said, through TypeORM or not. */
function fromDriver(error: unknown): { code: string; message: string; syscall: string } {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  const { code, message, syscall } = (cause ?? {}) as Record<string, unknown>;
  return { code: textOf(code), message: textOf(message), syscall: textOf(syscall) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
