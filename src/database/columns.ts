import { Column, type ColumnOptions, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import type { Dialect } from './dialect.js';

/**
 * Column types that mean the same on PostgreSQL and SQLite. An entity uses these decorators; a migration uses
 * `columnKinds()`, which is made of the `columnTypes()` below.
 */

/** The natural key of a course, chapter or quiz, or a user's uuid. */
export const KeyColumn = () => PrimaryColumn({ type: 'varchar', length: 128 });

/** A whole number that the database gives each row. */
export const SerialColumn = () => PrimaryGeneratedColumn({ type: 'integer' });

/** A foreign key's column. */
export const ReferenceColumn = (options: ColumnOptions = {}) => Column({ type: 'varchar', length: 128, ...options });

export const TextColumn = (options: ColumnOptions = {}) => Column({ type: 'text', ...options });

export const IntegerColumn = (options: ColumnOptions = {}) => Column({ type: 'integer', ...options });

/** A double-precision number. */
export const NumberColumn = (options: ColumnOptions = {}) => Column({ type: 'double precision', ...options });

export const BooleanColumn = (options: ColumnOptions = {}) => Column({ type: Boolean, ...options });

/** A moment, to the millisecond; `timestamptz` on PostgreSQL, UTC text on SQLite. */
export const TimestampColumn = (options: ColumnOptions = {}) => Column({ type: Date, ...options });

/** A JSON value kept as text. */
export const JsonColumn = (options: ColumnOptions = {}) => Column({ type: 'simple-json', ...options });

/** The column types of a migration, by dialect. */
export function columnTypes(dialect: Dialect) {
  return {
    key: 'varchar',
    text: 'text',
    integer: 'integer',
    number: 'double precision',
    boolean: 'boolean',
    json: 'text',
    timestamp: dialect === 'postgres' ? 'timestamptz' : 'datetime',
    /** Text that sorts by code point, whatever the database's locale. */
    collation: dialect === 'postgres' ? 'C' : 'BINARY',
  } as const;
}
