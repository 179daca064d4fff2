import { Injectable, Logger } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** From a cached read to a call of a model. */
const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 45];
const QUERY_SECONDS = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 15];

/**
 * Everything that is measured, by Prometheus's rules of naming. Every label has few values: routes are patterns, and
 * what a client can make up, such as an id or an unknown path, is in none.
 */
@Injectable()
export class Metrics {
  private readonly logger = new Logger('Metrics');
  readonly registry = new Registry();
  private readonly readings = new Map<Gauge<string>, () => void | Promise<void>>();

  readonly requestSeconds = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'How long requests took, by method, route pattern and status.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: REQUEST_SECONDS,
    registers: [this.registry],
  });
  readonly requestsInFlight = this.gauge('http_requests_in_flight', 'Requests that have begun and not ended.');
  readonly requestsShed = this.counter(
    'http_requests_shed_total',
    'Requests refused because too much was going on already, by what was too much.',
    ['reason'],
  );
  readonly errors = this.counter('http_errors_total', 'Errors that clients were told of, by code and route pattern.', [
    'error_code',
    'route',
  ]);

  readonly databaseConnections = this.gauge(
    'db_pool_connections',
    'Connections to PostgreSQL that are in use or idle, and requests that wait for one.',
    ['state'],
  );
  readonly querySeconds = new Histogram({
    name: 'db_query_duration_seconds',
    help: 'How long statements took, by what they do and whether they failed.',
    labelNames: ['operation', 'outcome'] as const,
    buckets: QUERY_SECONDS,
    registers: [this.registry],
  });
  readonly transactionRetries = this.counter(
    'db_transaction_retries_total',
    'Units of work that were tried once more in a fresh transaction.',
  );

  readonly cacheReads = this.counter(
    'content_cache_reads_total',
    'Reads of public content by where they were answered: memory, redis, or a miss.',
    ['result'],
  );
  readonly cacheBytes = this.gauge('content_cache_bytes', 'What the cache of public content holds in memory.');

  readonly limitRefusals = this.counter('rate_limit_refusals_total', 'Requests refused by a rate limit, by its name.', [
    'limit',
  ]);
  readonly limitFallbacks = this.counter(
    'rate_limit_fallbacks_total',
    'Counts that were kept in this process because Redis could not be asked.',
  );
  readonly redisUsable = this.gauge(
    'redis_usable',
    '0 while Redis is configured and does not answer, else 1.',
    [],
    'min',
  );

  readonly llmCalls = this.counter(
    'llm_calls_total',
    "Calls of a model, by feature and how they ended; 'away' means that the breaker was open.",
    ['feature', 'outcome'],
  );
  readonly llmTokens = this.counter(
    'llm_tokens_total',
    'Tokens that the provider reported, by feature and direction.',
    ['feature', 'direction'],
  );
  readonly llmCostUsd = this.counter('llm_cost_usd_total', 'What calls have cost, in US dollars, by feature.', [
    'feature',
  ]);
  readonly llmSeconds = new Histogram({
    name: 'llm_call_duration_seconds',
    help: 'How long calls of a model took, retries included, by feature.',
    labelNames: ['feature'] as const,
    buckets: [0.01, 0.1, 0.5, 1, 2.5, 5, 10, 15, 20, 30, 45],
    registers: [this.registry],
  });
  readonly llmBreakerOpen = this.gauge('llm_breaker_open', "1 while the model's provider is left alone.", [], 'max');

  readonly authEvents = this.counter('auth_events_total', 'What happened to accounts and sessions, by event.', [
    'event',
  ]);
  readonly registrations = this.counter('registrations_total', 'Learners who registered.');
  readonly coursesBegun = this.counter('courses_begun_total', 'Courses that learners began.');
  readonly coursesFinished = this.counter('courses_finished_total', 'Courses whose last chapter a learner completed.');
  readonly chaptersCompleted = this.counter('chapters_completed_total', 'Chapters that learners completed.');
  readonly quizSubmissions = this.counter('quiz_submissions_total', 'Graded submissions, by outcome.', ['outcome']);
  readonly premiumUses = this.counter('premium_uses_total', 'Uses of the hybrid features, by feature.', ['feature']);
  readonly activeLearners = this.gauge(
    'active_learners',
    'Learners who completed a chapter or submitted a quiz in the last 1, 7 and 30 days.',
    ['days'],
    'max',
  );
  readonly subscribers = this.gauge('subscribers', 'Users whose plan is active, by plan.', ['plan'], 'max');
  readonly backupSucceededAt = this.gauge(
    'backup_last_success_timestamp_seconds',
    'When the newest backup in the folder was begun, whoever made it, in Unix seconds; 0 for none.',
    [],
    'max',
  );

  /**
   * Has a gauge set anew each time it is read. Where that fails it stays as it was, and all others are told
   * nevertheless.
   */
  whenRead(gauge: Gauge<string>, read: () => void | Promise<void>): void {
    this.readings.set(gauge, read);
  }

  /** Adds what is measured of every Node process: CPU, memory, handles, the event loop, garbage collection. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  private counter<Label extends string>(name: string, help: string, labelNames: Label[] = []): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  /** @param aggregator how the figures of several processes on one machine become one */
  private gauge<Label extends string>(
    name: string,
    help: string,
    labelNames: Label[] = [],
    aggregator: 'sum' | 'min' | 'max' = 'sum',
  ): Gauge<Label> {
    const gauge: Gauge<Label> = new Gauge({
      name,
      help,
      labelNames,
      registers: [this.registry],
      aggregator,
      collect: () => this.read(gauge),
    });
    return gauge;
  }

  private async read(gauge: Gauge<string>): Promise<void> {
    try {
      await this.readings.get(gauge)?.();
    } catch (error) {
      this.logger.warn(`A metric was not read: ${(error as Error).message}`);
    }
  }
}
