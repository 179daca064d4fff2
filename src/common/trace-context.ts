import { randomFillSync } from 'node:crypto';

/** Where a request stands in a distributed trace: https://www.w3.org/TR/trace-context/ */
export interface TraceContext {
  /** 32 hexadecimal digits, the same in every service that works on the request. */
  traceId: string;
  /** 16 hexadecimal digits: this process's part of it. */
  spanId: string;
  /** The caller's part, where it told one. */
  parentSpanId: string | null;
  /** Whether the trace is recorded by whoever records. */
  isSampled: boolean;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const SAMPLED = 1;
const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

/**
 * Goes on with the trace that a `traceparent` header names, or begins one where there is no header that can be read.
 * @param sample decides of a new trace whether it is recorded
 */
export function continueTrace(header: string | string[] | undefined, sample: () => boolean): TraceContext {
  const spanId = randomHex(SPAN_ID_BYTES);
  const [, version, traceId, parentSpanId, flags, rest] = TRACEPARENT.exec(String(header ?? '')) ?? [];
  const isReadable =
    version !== undefined &&
    version !== 'ff' &&
    (version !== '00' || rest === undefined) &&
    /[1-9a-f]/.test(traceId) &&
    /[1-9a-f]/.test(parentSpanId);
  if (!isReadable) return { traceId: randomHex(TRACE_ID_BYTES), spanId, parentSpanId: null, isSampled: sample() };
  return { traceId, spanId, parentSpanId, isSampled: (parseInt(flags, 16) & SAMPLED) === SAMPLED };
}

/** The header that tells the next one, or the one who asked, where the request stands. */
export function traceparent({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

/** Random bytes are cheap by the thousand. */
const pool = Buffer.allocUnsafe(16_384);
let used = pool.length;

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool.toString('hex', used, (used += bytes));
}
