import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import {
  APICallError,
  type LanguageModelV3,
  type LanguageModelV3Prompt,
  type LanguageModelV3Usage,
} from '@ai-sdk/provider';
import { requestContext } from '../common/request-context.js';
import { traceparent } from '../common/trace-context.js';
import type { LlmSettings } from '../config/llm-settings.js';
import { type Model, type ModelAnswer, ModelFailure, type ModelRequest, type TokenUsage } from './model.js';

const OPENAI = 'https://api.openai.com/v1';

/** A model of Anthropic's, or of whoever speaks OpenAI's chat API. */
export class SdkModel implements Model {
  readonly provider: string;
  readonly name: string;
  private readonly model: LanguageModelV3;

  constructor({ provider, model, baseUrl, apiKey }: LlmSettings) {
    this.provider = provider;
    this.name = model;
    this.model = provider === 'anthropic' ? anthropic(model, baseUrl, apiKey) : openAi(model, baseUrl, apiKey);
  }

  async generate(request: ModelRequest<unknown>, signal: AbortSignal): Promise<ModelAnswer> {
    try {
      const { content, finishReason, usage } = await this.model.doGenerate({
        prompt: toPrompt(request),
        maxOutputTokens: request.maxOutputTokens,
        responseFormat: { type: 'json', schema: request.schema, name: 'answer' },
        abortSignal: signal,
      });
      return {
        text: content.map((part) => (part.type === 'text' ? part.text : '')).join(''),
        isRefusal: finishReason.unified === 'content-filter',
        usage: readUsage(usage),
      };
    } catch (error) {
      throw toFailure(error);
    }
  }
}

/** More than any model reads or writes at once. */
const MOST_TOKENS = 10_000_000;

function readUsage({ inputTokens, outputTokens }: LanguageModelV3Usage): TokenUsage | null {
  const [input, output] = [inputTokens.total, outputTokens.total];
  return isCount(input) && isCount(output) ? { inputTokens: input, outputTokens: output } : null;
}

/** None are no count: OpenAI's SDK reads them where the provider tells nothing, and no call does without any. */
function isCount(tokens: number | undefined): tokens is number {
  return Number.isInteger(tokens) && Number(tokens) >= 1 && Number(tokens) <= MOST_TOKENS;
}

/**
 * A provider that redirects is not followed: only the configured host is contacted. It is told which trace it works
 * for.
 */
const fetchHere: typeof fetch = async (input, init) => {
  const headers = new Headers(init?.headers);
  const trace = requestContext.getStore()?.trace;
  if (trace) headers.set('traceparent', traceparent(trace));
  const answer = await fetch(input, { ...init, headers, redirect: 'error' });
  if (answer.body === null) return answer;
  const { status, headers: told } = answer;
  return new Response(await readAll(answer.body, init?.signal), { status, headers: told });
};

/**
 * Reads a body until it ends or the signal comes, which fetch itself forgets once it has given the answer (Node 20).
 */
async function readAll(body: ReadableStream<Uint8Array>, signal?: AbortSignal | null): Promise<string> {
  const reader = body.getReader();
  const end = () => void reader.cancel(signal?.reason).catch(() => undefined);
  if (signal?.aborted) end();
  signal?.addEventListener('abort', end);
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += decoder.decode(part.value, { stream: true });
    }
  } finally {
    signal?.removeEventListener('abort', end);
  }
  signal?.throwIfAborted();
  return text + decoder.decode();
}

function anthropic(model: string, baseUrl: string | null, apiKey: string | null): LanguageModelV3 {
  const url = baseUrl === null ? undefined : withVersion(baseUrl);
  return createAnthropic({ baseURL: url, apiKey: apiKey ?? '', fetch: fetchHere })(model);
}

/** The provider's root, to which the SDK wants the version added. */
function withVersion(baseUrl: string): string {
  const root = baseUrl.replace(/\/+$/, '');
  return root.endsWith('/v1') ? root : `${root}/v1`;
}

function openAi(model: string, baseUrl: string | null, apiKey: string | null): LanguageModelV3 {
  const settings = { name: 'openai', baseURL: baseUrl ?? OPENAI, supportsStructuredOutputs: true, fetch: fetchHere };
  return createOpenAICompatible({ ...settings, ...(apiKey !== null && { apiKey }) })(model);
}

function toPrompt({ system, messages }: ModelRequest<unknown>): LanguageModelV3Prompt {
  return [
    { role: 'system', content: system },
    ...messages.map(({ role, content }) => ({ role, content: [{ type: 'text' as const, text: content }] })),
  ];
}

const BUSY = [408, 409, 425, 429];

function toFailure(error: unknown): ModelFailure {
  if (!APICallError.isInstance(error) || error.statusCode === undefined) {
    const mayHaveCost = !wasNeverReached(error);
    return new ModelFailure('The provider cannot be reached', { isTransient: true, mayHaveCost, cause: error });
  }
  const { statusCode, responseHeaders } = error;
  const isTransient = statusCode >= 500 || BUSY.includes(statusCode);
  // A 200 that cannot be read was worked on.
  const isUnread = statusCode < 300;
  return new ModelFailure(`The provider answered ${statusCode}`, {
    isTransient: isTransient || isUnread,
    mayHaveCost: isUnread,
    retryAfter: readRetryAfter(responseHeaders?.['retry-after']),
    cause: error,
  });
}

const NEVER_REACHED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'];

/** Whether the connection was not even made; what went wrong stands somewhere in the chain of causes. */
function wasNeverReached(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return (typeof code === 'string' && NEVER_REACHED.includes(code)) || wasNeverReached(cause);
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function readRetryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}
