import { sum } from './figures.js';

export interface Sample {
  /** In hours. */
  at: number;
  value: number;
}

/** Where a value goes, by the line of least squares. */
export interface Trend {
  mean: number;
  /** What an hour adds, as a share of the mean. */
  perHour: number;
  /** Two standard errors of it: what may be chance. */
  error: number;
}

export function trendOf(samples: Sample[]): Trend {
  const { length } = samples;
  const [at, mean] = [average(samples.map((sample) => sample.at)), average(samples.map(({ value }) => value))];
  const spread = sum(samples.map((sample) => (sample.at - at) ** 2));
  const slope = sum(samples.map((sample) => (sample.at - at) * (sample.value - mean))) / spread;
  const rest = sum(samples.map((sample) => (sample.value - mean - slope * (sample.at - at)) ** 2));
  return { mean, perHour: slope / mean, error: (2 * Math.sqrt(rest / (length - 2) / spread)) / mean };
}

function average(values: number[]): number {
  return sum(values) / values.length;
}
