import { EntityMetadataNotFoundError, QueryFailedError } from 'typeorm';

const POSTGRES_AWAY = /^(08|57P0|53)|^(25006|57014)$/;
const SOCKET_AWAY = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENOENT)$/;
const SQLITE_AWAY = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|PROTOCOL)/;
const DRIVER_MESSAGES =
  /^(timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error)/;

/**
 * Whether the database could not do its work for now: it is away, starting, full, busy, out of connections or not
 * yet migrated. Such a request gets a 503.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  const cause = driverError(error);
  if (!(cause instanceof Error)) return false;
  const code = errorCode(cause);
  return (
    cause instanceof EntityMetadataNotFoundError ||
    [POSTGRES_AWAY, SOCKET_AWAY, SQLITE_AWAY].some((pattern) => pattern.test(code)) ||
    DRIVER_MESSAGES.test(cause.message) ||
    isNoSuchTable(cause)
  );
}

/** Whether a table is missing, as before the first migration. */
export function isNoSuchTable(error: unknown): boolean {
  const cause = driverError(error);
  return errorCode(cause) === '42P01' || (cause instanceof Error && cause.message.startsWith('no such table'));
}

/** Whether PostgreSQL gave up a transaction that a fresh one may bring through: 40001, or 40P01 (deadlock). */
export function isSerializationFailure(error: unknown): boolean {
  return ['40001', '40P01'].includes(errorCode(driverError(error)));
}

/** Whether another process holds SQLite's lock. */
export function isSqliteBusy(error: unknown): boolean {
  return errorCode(driverError(error)).startsWith('SQLITE_BUSY');
}

function driverError(error: unknown): unknown {
  return error instanceof QueryFailedError ? (error.driverError as unknown) : error;
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
