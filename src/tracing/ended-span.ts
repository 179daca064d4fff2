/** A piece of work that has ended. */
export interface EndedSpan {
  name: string;
  kind: 'server' | 'client';
  /** When it began, as `performance.now()` tells the time. */
  began: number;
  /** How long it took, in milliseconds. */
  durationMs: number;
  /** Named as OpenTelemetry's semantic conventions have them. */
  attributes: Record<string, string | number | boolean>;
  isFailed: boolean;
}
