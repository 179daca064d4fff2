import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { TraceContext } from '../common/trace-context.js';
import { VERSION } from '../common/project.js';
import type { TracingSettings } from '../config/config.js';
import type { EndedSpan } from './ended-span.js';

const CLOSE_WITHIN_MS = 2000;
const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT };

/** Spans on their way to a collector, in batches, as OTLP over HTTP. What cannot be sent is dropped. */
export class SpanExport {
  private readonly processor: BatchSpanProcessor;
  private readonly resource;

  constructor({ endpoint, headers, serviceName }: TracingSettings, onFailure: (reason: string) => void) {
    const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
    const exporter = new OTLPTraceExporter({ url, headers });
    this.processor = new BatchSpanProcessor(reporting(exporter, onFailure));
    this.resource = resourceFromAttributes({ 'service.name': serviceName, 'service.version': VERSION });
  }

  /** @param trace where the span stands, its own id included */
  send({ traceId, spanId, parentSpanId }: TraceContext, span: EndedSpan): void {
    const context = (id: string) => ({ traceId, spanId: id, traceFlags: TraceFlags.SAMPLED });
    const began = performance.timeOrigin + span.began;
    const readable: ReadableSpan = {
      name: span.name,
      kind: KINDS[span.kind],
      spanContext: () => context(spanId),
      parentSpanContext: parentSpanId === null ? undefined : context(parentSpanId),
      startTime: toHrTime(began),
      endTime: toHrTime(began + span.durationMs),
      duration: toHrTime(span.durationMs),
      status: { code: span.isFailed ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
      attributes: span.attributes,
      links: [],
      events: [],
      ended: true,
      resource: this.resource,
      instrumentationScope: { name: 'course-companion', version: VERSION },
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    };
    this.processor.onEnd(readable);
  }

  /** Sends what is left, unless that takes too long. */
  async close(): Promise<void> {
    const timeout = new Promise((resolve) => setTimeout(resolve, CLOSE_WITHIN_MS).unref());
    await Promise.race([this.processor.shutdown().catch(() => undefined), timeout]);
  }
}

/** The exporter, which also tells of a failure; of the same one only once. */
function reporting(exporter: SpanExporter, onFailure: (reason: string) => void): SpanExporter {
  let known = '';
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const reason = result.error?.message ?? '';
        if (reason !== '' && reason !== known) onFailure(reason);
        known = reason;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
}

/** Seconds and nanoseconds. */
function toHrTime(milliseconds: number): [number, number] {
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, Math.round((milliseconds - seconds * 1000) * 1e6)];
}
