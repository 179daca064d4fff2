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
  const databases = new Map<string, Promise<BenchDatabase>>();
  const populated = (kind: DatabaseKind, size: number) => {
    const name = `${kind} ${size}`;
    const known = databases.get(name) ?? make(kind, size);
    databases.set(name, known);
    return known;
  };
  const end = async () => {
    for (const database of await Promise.allSettled(databases.values())) {
      if (database.status === 'fulfilled') await database.value.drop();
    }
  };
  return { kinds, effort, populated, end };
}

async function make(kind: DatabaseKind, size: number): Promise<BenchDatabase> {
  const database = await createDatabase(kind);
  const began = performance.now();
  try {
    await populate(database, size);
  } catch (error) {
    await database.drop();
    throw error;
  }
  console.log(`(${kind} with ${size} chapters made in ${((performance.now() - began) / 1000).toFixed(1)} s)`);
  return database;
}
