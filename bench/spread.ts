/** The median of some figures, and between which they are. */
export interface Spread {
  low: number;
  middle: number;
  high: number;
}

export function spreadOf(figures: number[]): Spread {
  const sorted = ascending(figures);
  const [before, after] = [Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2)];
  return { low: sorted[0], middle: (sorted[before] + sorted[after]) / 2, high: sorted[sorted.length - 1] };
}

/** The least value that this share of all values does not exceed; 0 of none. */
export function quantile(values: number[], share: number): number {
  const sorted = ascending(values);
  return sorted.at(Math.min(sorted.length - 1, Math.floor(sorted.length * share))) ?? 0;
}

export function writeSpread({ low, middle, high }: Spread): string {
  return `${middle.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}

function ascending(values: number[]): number[] {
  return [...values].sort((one, other) => one - other);
}
