import { type BenchDatabase, createDatabase, type DatabaseKind } from './database.js';
import { populate } from './population/populate.js';
import type { Effort } from './settings.js';

/** One run of some benches. */
export interface Run {
  kinds: DatabaseKind[];
  effort: Effort;
  /** A database with so many chapters, courses and learners, made when it is first asked for. */
  populated: (kind: DatabaseKind, size: number) => Promise<BenchDatabase>;
  /** Drops all that was made. */
  end: () => Promise<void>;
}

export function beginRun(kinds: DatabaseKind[], effort: Effort): Run {
  const databases = new Map<string, BenchDatabase>();
  const populated = async (kind: DatabaseKind, size: number) => {
    const known = databases.get(`${kind} ${size}`);
    if (known) return known;
    const database = await createDatabase(kind);
    databases.set(`${kind} ${size}`, database);
    const began = performance.now();
    await populate(database, size);
    console.log(`(${kind} filled with ${size} chapters in ${((performance.now() - began) / 1000).toFixed(1)} s)`);
    return database;
  };
  const end = async () => {
    for (const database of databases.values()) await database.drop();
  };
  return { kinds, effort, populated, end };
}
