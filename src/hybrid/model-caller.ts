import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { BrokenCircuitError, circuitBreaker, CircuitState, ConsecutiveBreaker, handleWhen } from 'cockatiel';
import { AppError } from '../common/errors.js';
import { Config } from '../config/config.js';
import { Metrics } from '../metrics/metrics.js';
import { Tracer } from '../tracing/tracer.js';
import { within } from './deadline.js';
import { type Model, type ModelAnswer, ModelFailure, type ModelRequest } from './model.js';
import { OfflineModel } from './offline-model.js';

/** After so many failures in a row the provider is left alone for a while. */
const FAILURES = 10;
const LEFT_ALONE_MS = 20_000;
const FIRST_WAIT_MS = 250;

/** Asks the configured model, again where that may help, and not at all while it is known to be away. */
@Injectable()
export class ModelCaller {
  private readonly breaker = circuitBreaker(
    handleWhen((error) => error instanceof ModelFailure && error.isTransient),
    { halfOpenAfter: LEFT_ALONE_MS, breaker: new ConsecutiveBreaker(FAILURES) },
  );
  private loaded: Promise<Model> | null = null;
  private leftAloneUntil = 0;

  constructor(
    private readonly config: Config,
    metrics: Metrics,
    private readonly tracer: Tracer,
  ) {
    this.breaker.onBreak(() => (this.leftAloneUntil = Date.now() + LEFT_ALONE_MS));
    metrics.whenRead(metrics.llmBreakerOpen, () => metrics.llmBreakerOpen.set(this.isAway ? 1 : 0));
  }

  /** Whether the provider has failed too often, and has not been well since. */
  get isAway(): boolean {
    return this.breaker.state === CircuitState.Open || this.breaker.state === CircuitState.Isolated;
  }

  /**
   * Whether a call would not even be tried. One that comes after that time tells whether the provider is well again.
   */
  get isLeftAlone(): boolean {
    return this.isAway && Date.now() < this.leftAloneUntil;
  }

  /** @throws {AppError} LLM_UNAVAILABLE where there is none */
  async model(): Promise<Model> {
    if (this.config.llm.provider === 'none') throw modelUnavailable('No model is set up here', 3600);
    this.loaded ??= this.load();
    return this.loaded;
  }

  /**
   * @param signal ends the call, and everything that would follow it
   * @throws {ModelFailure} what the last attempt met; {AppError} LLM_UNAVAILABLE while the provider is left alone
   */
  async generate(request: ModelRequest<unknown>, signal: AbortSignal): Promise<ModelAnswer> {
    const model = await this.model();
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.breaker.execute(() => this.attempt(model, request, signal));
      } catch (error) {
        if (error instanceof BrokenCircuitError) throw modelIsAway();
        const isLast = attempt >= this.config.llm.maxRetries;
        if (isLast || !(error instanceof ModelFailure) || !error.isTransient) throw error;
        await wait(waitFor(attempt, error), signal, error);
      }
    }
  }

  private async attempt(model: Model, request: ModelRequest<unknown>, signal: AbortSignal): Promise<ModelAnswer> {
    const began = performance.now();
    let isFailed = false;
    try {
      return await within(this.config.llm.attemptTimeoutMs, signal, (ended) => model.generate(request, ended));
    } catch (error) {
      isFailed = true;
      // A caller who hangs up says nothing of the provider.
      if (!signal.aborted) throw error;
      throw new ModelFailure('The call was ended', { isTransient: false, mayHaveCost: true, cause: error });
    } finally {
      const durationMs = performance.now() - began;
      const attributes = { 'gen_ai.provider.name': model.provider, 'gen_ai.request.model': model.name };
      this.tracer.record({ name: `chat ${model.name}`, kind: 'client', began, durationMs, attributes, isFailed });
    }
  }

  /** The SDKs are large, so they are loaded where they are used. */
  private async load(): Promise<Model> {
    if (this.config.llm.provider === 'offline') return new OfflineModel();
    const { SdkModel } = await import('./sdk-model.js');
    return new SdkModel(this.config.llm);
  }
}

/** A 503 that asks the caller to come back. @param retryAfter in seconds */
export function modelUnavailable(message: string, retryAfter: number, cause?: unknown): AppError {
  return new AppError('LLM_UNAVAILABLE', message, { retryAfter, cause });
}

/** Of a provider that is left alone. */
export function modelIsAway(): AppError {
  return modelUnavailable('The model is away', LEFT_ALONE_MS / 1000);
}

/** As long as the provider asks for, else twice as long as before, and never all at the same moment. */
function waitFor(attempt: number, { retryAfter }: ModelFailure): number {
  if (retryAfter !== undefined) return retryAfter * 1000 * (1 + Math.random() * 0.1);
  return FIRST_WAIT_MS * 2 ** attempt * (0.5 + Math.random());
}

/** @throws the failure if there is no time to wait so long */
async function wait(milliseconds: number, signal: AbortSignal, failure: ModelFailure): Promise<void> {
  if (milliseconds > 10_000) throw failure;
  await delay(milliseconds, undefined, { signal }).catch(() => Promise.reject(failure));
}
