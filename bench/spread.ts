/** The median of some figures, and between which they are. */
export interface Spread {
  low: number;
  middle: number;
  high: number;
}

export function spreadOf(figures: number[]): Spread {
  const sorted = [...figures].sort((one, other) => one - other);
  const [before, after] = [Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2)];
  return { low: sorted[0], middle: (sorted[before] + sorted[after]) / 2, high: sorted[sorted.length - 1] };
}

/** @param sorted ascending */
export function quantile(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export function writeSpread({ low, middle, high }: Spread): string {
  return `${middle.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}
