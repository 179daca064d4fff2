import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AppError } from '../common/errors.js';
import { Metrics } from '../metrics/metrics.js';
import type { AnswerOf, Read } from './answer-shapes.js';
import { within } from './deadline.js';
import { FEATURE_RULES, type FeatureName } from './features.js';
import { LedgerService, type Reservation } from './ledger.service.js';
import { type ModelAnswer, ModelFailure, type ModelRequest, type TokenUsage } from './model.js';
import { ModelCaller, modelIsAway, modelUnavailable } from './model-caller.js';
import { quotesAny, textsOf } from './secrets.js';
import { estimateTokens } from './tokens.js';

/** One use of a feature. */
export interface HybridCall<F extends FeatureName> {
  userId: string;
  feature: F;
  sessionId: string | null;
  /** Whether it counts against the learner's daily quota. */
  isCounted: boolean;
  request: Omit<ModelRequest<AnswerOf<F>>, 'schema' | 'maxOutputTokens'>;
  /** What the answer must not quote, beside the instructions. */
  secrets: string[];
  /** Ends the call when the caller hangs up. */
  signal: AbortSignal;
  /** What is stored with the call, or not at all. */
  store?: (manager: EntityManager, answer: AnswerOf<F>, costUsd: number) => Promise<void>;
}

export interface HybridAnswer<F extends FeatureName> {
  value: AnswerOf<F>;
  generatedBy: { provider: string; model: string };
}

/** Well inside the 45 s that ChatGPT waits. */
const WHOLE_CALL_MS = 38_000;
const TRY_AGAIN_S = 30;

/** Leads a use of a feature through its quota, the model, the check of its answer and the ledger. */
@Injectable()
export class HybridCalls {
  constructor(
    private readonly caller: ModelCaller,
    private readonly ledger: LedgerService,
    private readonly metrics: Metrics,
  ) {}

  /** @throws {AppError} QUOTA_EXCEEDED, LLM_UNAVAILABLE, LLM_BAD_ANSWER */
  run<F extends FeatureName>(call: HybridCall<F>): Promise<HybridAnswer<F>> {
    return within(WHOLE_CALL_MS, call.signal, (signal) => this.lead(call, signal));
  }

  private async lead<F extends FeatureName>(call: HybridCall<F>, signal: AbortSignal): Promise<HybridAnswer<F>> {
    const { maxOutputTokens } = FEATURE_RULES[call.feature];
    const { schemaOf } = await answerShapes();
    const request = { ...call.request, schema: schemaOf(call.feature), maxOutputTokens };
    const first = await this.ask(call, request, call.isCounted, signal);
    const checked = await check(first.answer, call);
    if (checked.success) return this.finish(call, first, checked.value, [first.usage]);
    const repaired = await this.repair(call, request, first, checked.problem, signal);
    return this.finish(call, first, repaired.value, [first.usage, repaired.usage]);
  }

  /**
   * Asks once more and says what was wrong. It takes no other place in the quota: the first call holds it until the
   * end.
   */
  private async repair<F extends FeatureName>(
    call: HybridCall<F>,
    request: ModelRequest<unknown>,
    first: Asked,
    problem: string,
    signal: AbortSignal,
  ): Promise<{ value: AnswerOf<F>; usage: TokenUsage }> {
    try {
      const messages = [
        ...request.messages,
        { role: 'assistant' as const, content: shorten(first.answer.text) },
        { role: 'user' as const, content: `That cannot be used: ${problem}. Answer again, in the asked form alone.` },
      ];
      const second = await this.ask(call, { ...request, messages }, false, signal);
      await this.ledger.settle(second.reservation, second.usage, { isCounted: false, latencyMs: second.latencyMs });
      const checked = await check(second.answer, call);
      if (!checked.success) throw new AppError('LLM_BAD_ANSWER', 'The model gave no answer that can be used');
      return { value: checked.value, usage: second.usage };
    } catch (error) {
      await this.ledger.settle(first.reservation, first.usage, { isCounted: false, latencyMs: first.latencyMs });
      throw error;
    }
  }

  private async ask<F extends FeatureName>(
    { userId, feature, sessionId }: HybridCall<F>,
    request: ModelRequest<unknown>,
    isCounted: boolean,
    signal: AbortSignal,
  ): Promise<Asked> {
    const { provider, name } = await this.caller.model();
    if (this.caller.isLeftAlone) {
      this.metrics.llmCalls.inc({ feature, outcome: 'away' });
      throw modelIsAway();
    }
    const { maxOutputTokens } = request;
    const shape = JSON.stringify(request.schema);
    const prompt = [request.system, shape, ...request.messages.map(({ content }) => content)].join('\n');
    const worstCase = { inputTokens: estimateTokens(prompt), outputTokens: maxOutputTokens };
    const worstCaseUsd = this.ledger.costOf(worstCase);
    const order = { userId, feature, sessionId, isCounted, provider, model: name, worstCaseUsd };
    const reservation = await this.ledger.reserve(order);
    const began = performance.now();
    const latency = () => Math.round(performance.now() - began);
    const ended = (outcome: 'answered' | 'failed' | 'away') => {
      this.metrics.llmCalls.inc({ feature, outcome });
      this.metrics.llmSeconds.observe({ feature }, latency() / 1000);
    };
    try {
      const answer = await this.caller.generate(request, signal);
      ended('answered');
      const usage = answer.usage ?? worstCase;
      return { reservation, answer, usage, latencyMs: latency(), provider, model: name };
    } catch (error) {
      ended(error instanceof ModelFailure ? 'failed' : 'away');
      const mayHaveCost = error instanceof ModelFailure && error.mayHaveCost;
      await this.ledger.release(reservation, mayHaveCost ? 'unknown' : 'released', latency());
      if (error instanceof ModelFailure)
        throw modelUnavailable('The model cannot be reached for now', retryAfter(error), error);
      throw error;
    }
  }

  private async finish<F extends FeatureName>(
    call: HybridCall<F>,
    first: Asked,
    value: AnswerOf<F>,
    used: TokenUsage[],
  ): Promise<HybridAnswer<F>> {
    const { reservation, usage, latencyMs, provider, model } = first;
    const costUsd = used.reduce((sum, one) => sum + this.ledger.costOf(one), 0);
    try {
      await this.ledger.settle(reservation, usage, { isCounted: call.isCounted, latencyMs }, (manager) =>
        call.store ? call.store(manager, value, costUsd) : Promise.resolve(),
      );
    } catch (error) {
      // What goes with the call could not be stored, as when the account went meanwhile; the tokens were used all the
      // same.
      await this.ledger.settle(reservation, usage, { isCounted: false, latencyMs });
      throw error;
    }
    return { value, generatedBy: { provider, model } };
  }
}

/** A call that was answered and has to be settled. */
interface Asked {
  reservation: Reservation;
  answer: ModelAnswer;
  usage: TokenUsage;
  latencyMs: number;
  provider: string;
  model: string;
}

/** The library of the shapes is large, so it is loaded with the first call. */
function answerShapes() {
  return import('./answer-shapes.js');
}

async function check<F extends FeatureName>(
  { text, isRefusal }: ModelAnswer,
  { feature, request, secrets }: HybridCall<F>,
): Promise<Read<AnswerOf<F>>> {
  if (isRefusal) return { success: false, problem: 'it is a refusal' };
  const { readAnswer } = await answerShapes();
  const read = readAnswer(feature, cleaned(parseJson(text)));
  if (read.success && quotesAny(textsOf(read.value).join('\n'), [request.system, ...secrets])) {
    return { success: false, problem: 'it quotes what is not to be quoted' };
  }
  return read;
}

/** The JSON of an answer, also where the model put it between fences. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\s*```(?:json)?\s*|\s*```\s*$/g, ''));
  } catch {
    return undefined;
  }
}

/** Longer than any answer should be. */
const MAX_TEXT = 4000;

/** Texts that can be stored and sent, and are not endless. */
function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '').slice(0, MAX_TEXT).toWellFormed().trim();
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cleaned(item)]));
}

function shorten(text: string): string {
  return text.slice(0, 500).toWellFormed() || '(nothing)';
}

function retryAfter({ retryAfter: asked }: ModelFailure): number {
  return Math.min(3600, Math.max(1, Math.ceil(asked ?? TRY_AGAIN_S)));
}
