export function sum(values: number[]): number {
  return values.reduce((one, other) => one + other, 0);
}

export function most(values: number[]): number {
  return values.reduce((one, other) => Math.max(one, other), 0);
}

/** Counts of something, such as how often each status was answered. */
export class Tally {
  private readonly counts: Map<string, number>;

  constructor(counts: Iterable<[string, number]> = []) {
    this.counts = new Map(counts);
  }

  /** Of things each of which counts once. */
  static counting(things: (string | number)[]): Tally {
    const tally = new Tally();
    for (const thing of things) tally.add(thing);
    return tally;
  }

  add(what: string | number): void {
    this.counts.set(String(what), this.of(what) + 1);
  }

  clear(): void {
    this.counts.clear();
  }

  of(what: string | number): number {
    return this.counts.get(String(what)) ?? 0;
  }

  /** Whether nothing else was counted. */
  hasOnly(...these: (string | number)[]): boolean {
    return [...this.counts.keys()].every((what) => these.map(String).includes(what));
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries(this.counts);
  }

  toString(): string {
    const parts = [...this.counts].sort(([one], [other]) => one.localeCompare(other));
    return parts.map(([what, count]) => `${count} × ${what}`).join(', ') || 'none';
  }
}

export function seconds(milliseconds: number | null): string {
  return milliseconds === null ? 'never' : `${(milliseconds / 1000).toFixed(1)} s`;
}

export function millis(milliseconds: number): string {
  return `${milliseconds.toFixed(0)} ms`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
