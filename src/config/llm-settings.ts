import type { Environment, LLM_PROVIDERS } from './environment.js';

export type LlmProvider = (typeof LLM_PROVIDERS)[number];

/** Which model answers, and what it may cost. */
export interface LlmSettings {
  provider: LlmProvider;
  model: string;
  /** The provider's root; null for its own. */
  baseUrl: string | null;
  apiKey: string | null;
  /** In US dollars per million tokens. */
  prices: { input: number; output: number };
  /** What all calls of one UTC day may cost together; null without end. */
  dailyBudgetUsd: number | null;
  /** How long one attempt may take. */
  attemptTimeoutMs: number;
  /** How often a failed attempt is made again, 0–5. */
  maxRetries: number;
}

const DEFAULT_CLAUDE = 'claude-sonnet-4-5';

/** The settings of the model: outside production its rules answer where no provider is chosen. */
export function llmSettings(env: Environment): LlmSettings {
  const provider = env.LLM_PROVIDER ?? 'offline';
  const vendorKey = provider === 'anthropic' ? env.ANTHROPIC_API_KEY : env.OPENAI_API_KEY;
  return {
    provider,
    model: env.LLM_MODEL ?? (provider === 'anthropic' ? DEFAULT_CLAUDE : provider),
    baseUrl: env.LLM_BASE_URL ?? null,
    apiKey: env.LLM_API_KEY ?? vendorKey ?? null,
    prices: { input: env.LLM_PRICE_INPUT_PER_MTOK, output: env.LLM_PRICE_OUTPUT_PER_MTOK },
    dailyBudgetUsd: env.LLM_DAILY_BUDGET_USD ?? null,
    attemptTimeoutMs: env.LLM_ATTEMPT_TIMEOUT_MS,
    maxRetries: env.LLM_MAX_RETRIES,
  };
}

/** What has to be set for a provider and is not. */
export function llmProblems(given: NodeJS.ProcessEnv): string[] {
  const provider = given.LLM_PROVIDER;
  const isProduction = given.NODE_ENV === 'production';
  const isPaid = provider === 'anthropic' || provider === 'openai';
  const problems: string[] = [];
  if (isProduction && !provider) problems.push('LLM_PROVIDER must be set: anthropic, openai, offline or none');
  if (provider === 'anthropic' && !given.LLM_API_KEY && !given.ANTHROPIC_API_KEY) {
    problems.push('LLM_API_KEY must be set for LLM_PROVIDER=anthropic');
  }
  if (provider === 'openai' && !given.LLM_MODEL) problems.push('LLM_MODEL must be set for LLM_PROVIDER=openai');
  if (isProduction && isPaid && !given.LLM_DAILY_BUDGET_USD) {
    problems.push(`LLM_DAILY_BUDGET_USD must be set for LLM_PROVIDER=${provider}`);
  }
  return problems;
}
