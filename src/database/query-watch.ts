import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Pool } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { Metrics } from '../metrics/metrics.js';
import { Tracer } from '../tracing/tracer.js';
import { DatabaseConnection } from './database-connection.js';
import { isPostgres } from './dialect.js';

const OPERATIONS = ['select', 'insert', 'update', 'delete', 'start', 'begin', 'commit', 'rollback'];

/** Measures every statement, and what the pool of connections is doing. */
@Injectable()
export class QueryWatch implements OnModuleInit {
  constructor(
    private readonly connection: DatabaseConnection,
    private readonly metrics: Metrics,
    private readonly tracer: Tracer,
  ) {}

  onModuleInit(): void {
    const { reader, writer } = this.connection;
    for (const dataSource of new Set([reader, writer])) this.watch(dataSource);
    if (reader.options.type !== 'postgres') return;
    this.metrics.whenRead(this.metrics.databaseConnections, () => this.readPool(reader));
  }

  /** Measures a statement that is sent by another way. */
  async measure<T>(sql: string, send: () => Promise<T>): Promise<T> {
    const began = performance.now();
    let isFailed = false;
    try {
      return await send();
    } catch (error) {
      isFailed = true;
      throw error;
    } finally {
      const durationMs = performance.now() - began;
      const operation = operationOf(sql);
      this.metrics.querySeconds.observe({ operation, outcome: isFailed ? 'failed' : 'done' }, durationMs / 1000);
      if (this.tracer.isOn) {
        const attributes = { 'db.system.name': this.system, 'db.operation.name': operation, 'db.query.text': sql };
        this.tracer.record({
          name: `${operation} ${this.system}`,
          kind: 'client',
          began,
          durationMs,
          attributes,
          isFailed,
        });
      }
    }
  }

  /** TypeORM sends every statement through a runner. */
  private watch(dataSource: DataSource): void {
    const create = dataSource.createQueryRunner.bind(dataSource);
    dataSource.createQueryRunner = (mode) => this.watched(create(mode));
  }

  /** On SQLite the same runner is given again and again. */
  private watched(runner: QueryRunner): QueryRunner {
    if (Object.hasOwn(runner, 'query')) return runner;
    const own = Object.getPrototypeOf(runner) as { query: (...sent: unknown[]) => Promise<never> };
    runner.query = (sql: string, ...rest: unknown[]) => this.measure(sql, () => own.query.call(runner, sql, ...rest));
    return runner;
  }

  private get system(): string {
    return isPostgres(this.connection.reader) ? 'postgresql' : 'sqlite';
  }

  private readPool(dataSource: DataSource): void {
    const { master } = dataSource.driver as unknown as { master?: Pool };
    if (!master) return;
    const { totalCount, idleCount, waitingCount } = master;
    const states = { in_use: totalCount - idleCount, idle: idleCount, waiting: waitingCount };
    for (const [state, count] of Object.entries(states)) this.metrics.databaseConnections.set({ state }, count);
  }
}

function operationOf(sql: string): string {
  const word = /^\s*(\w+)/.exec(sql)?.[1].toLowerCase() ?? '';
  return OPERATIONS.includes(word) ? word : 'other';
}
