import type { MaybePromise } from '../common/maybe-promise.js';

export interface TokenUsage {
  inputTokens: number;
  outputTokens: number;
}

/** What is asked of a model. */
export interface ModelRequest<T> {
  /** The instructions; nothing of them comes from a learner. */
  system: string;
  /** The conversation, which ends with the user. */
  messages: { role: 'user' | 'assistant'; content: string }[];
  /** The answer's JSON Schema. */
  schema: object;
  maxOutputTokens: number;
  /** The answer by rule, for the provider without a model. */
  offline: () => MaybePromise<T>;
}

export interface ModelAnswer {
  /** Meant to be JSON in the shape that was asked for. */
  text: string;
  /** Whether the model would not answer. */
  isRefusal: boolean;
  /** Null where the provider tells of none, or of one that cannot be. */
  usage: TokenUsage | null;
}

/** Something that answers: a provider's model, or rules. */
export interface Model {
  readonly provider: string;
  readonly name: string;
  /** @throws {ModelFailure} */
  generate(request: ModelRequest<unknown>, signal: AbortSignal): Promise<ModelAnswer>;
}

interface FailureOptions {
  /** Whether asking again may help. */
  isTransient: boolean;
  /** Whether the provider may have worked, and asks to be paid. */
  mayHaveCost: boolean;
  /** Seconds after which the provider wants to be asked again. */
  retryAfter?: number;
  cause?: unknown;
}

/** The provider gave no answer. */
export class ModelFailure extends Error {
  readonly isTransient: boolean;
  readonly mayHaveCost: boolean;
  readonly retryAfter?: number;

  constructor(message: string, { isTransient, mayHaveCost, retryAfter, cause }: FailureOptions) {
    super(message, { cause });
    this.name = 'ModelFailure';
    this.isTransient = isTransient;
    this.mayHaveCost = mayHaveCost;
    this.retryAfter = retryAfter;
  }
}
