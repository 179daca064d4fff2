import { LIMIT_NAMES } from '../src/limits/limits.js';

/**
 * What the benched program is set to, but for its database: all that it does in production, with limits that nobody
 * reaches.
 */
export const SETTINGS = {
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  PORT: '0',
  SECRET_KEY: 'Bench-4f8Zq1LxT7vKc2NdYh9PwRs6Ue3M',
  LOG_LEVEL: 'info',
  LLM_PROVIDER: 'offline',
  METRICS_TOKEN: 'Bench-metrics-7f3Kq9',
  ...Object.fromEntries(LIMIT_NAMES.map((name) => [`RATE_LIMIT_${name}`, '1000000000/minute'])),
};

/** With it the cache is off, so that every read is one that was not asked for before. */
export const UNCACHED = { CACHE_MEMORY_MB: '0' };

/** How much there is of everything where it is the same in every run, as when ours is compared with the floor. */
export const SIZE = 1000;

/** The size with which greater ones are compared. */
export const FEW = 100;

/** How long and how often is measured. */
export interface Effort {
  /** How often each side is loaded, besides once to warm up, and for how long. */
  rounds: number;
  seconds: number;
  /** How many courses, chapters and learners there are, from the fewest to the most; of chapters 100 at the least. */
  sizes: number[];
  /** How often each size is. */
  growthRounds: number;
  /** How long chapters are read beside a storm of logins. */
  stormSeconds: number;
  /** The benches that are run where none are named; without it all of them. */
  benches?: string[];
}

export const FULL: Effort = {
  rounds: 4,
  seconds: 2,
  sizes: [10, 100, 10_000, 100_000],
  growthRounds: 3,
  stormSeconds: 10,
};

/** Enough to see that everything works and how it roughly is; what takes long is left to who names it. */
export const QUICK: Effort = {
  rounds: 2,
  seconds: 1,
  sizes: [100, 1000],
  growthRounds: 1,
  stormSeconds: 3,
  benches: ['start', 'reads', 'writes', 'logins'],
};
