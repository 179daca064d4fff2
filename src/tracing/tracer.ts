import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { requestContext } from '../common/request-context.js';
import { continueTrace, type TraceContext } from '../common/trace-context.js';
import { Config } from '../config/config.js';
import type { EndedSpan } from './ended-span.js';
import type { SpanExport } from './span-export.js';

/** Sends what requests did to an OTLP collector, where one is configured; else it is never loaded. */
@Injectable()
export class Tracer implements OnApplicationShutdown {
  private readonly logger = new Logger('Tracer');
  private export: SpanExport | null = null;

  constructor(private readonly config: Config) {}

  /** Whether anything is recorded. */
  get isOn(): boolean {
    return this.export !== null;
  }

  /** Before the first request. */
  async start(): Promise<void> {
    const { tracing } = this.config;
    if (tracing === null) return;
    const { SpanExport } = await import('./span-export.js');
    this.export = new SpanExport(tracing, (reason) => this.logger.warn(`Spans cannot be sent: ${reason}`));
  }

  /** Records a whole request. */
  recordRequest(trace: TraceContext, span: EndedSpan): void {
    if (trace.isSampled) this.export?.send(trace, span);
  }

  /** Records what the current request waited for. */
  record(span: EndedSpan): void {
    if (!this.export) return;
    const trace = requestContext.getStore()?.trace;
    if (trace?.isSampled) this.export.send(childOf(trace), span);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.export?.close();
  }
}

function childOf({ traceId, spanId }: TraceContext): TraceContext {
  const child = continueTrace(undefined, () => true);
  return { ...child, traceId, parentSpanId: spanId };
}
