import { continueTrace, traceparent } from './trace-context.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('the trace that a request belongs to', () => {
  it('goes on where the caller says so', () => {
    const trace = continueTrace(`00-${TRACE}-${SPAN}-01`, () => false);
    expect(trace).toMatchObject({ traceId: TRACE, parentSpanId: SPAN, isSampled: true });
    expect(trace.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(trace.spanId).not.toBe(SPAN);
    expect(traceparent(trace)).toBe(`00-${TRACE}-${trace.spanId}-01`);
  });

  it('is not recorded where the caller does not record it', () => {
    expect(continueTrace(`00-${TRACE}-${SPAN}-00`, () => true).isSampled).toBe(false);
  });

  it('is understood in a later version, with fields that are not known yet', () => {
    expect(continueTrace(`cc-${TRACE}-${SPAN}-01-what-comes-later`, () => false).traceId).toBe(TRACE);
  });

  it.each([
    undefined,
    '',
    'nonsense',
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  ])('begins anew with %p', (header) => {
    const trace = continueTrace(header, () => true);
    expect(trace.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(trace.traceId).not.toBe(TRACE);
    expect(trace).toMatchObject({ parentSpanId: null, isSampled: true });
  });
});
