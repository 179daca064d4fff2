import { Agent, type IncomingHttpHeaders, request } from 'node:http';

const agent = new Agent({ keepAlive: true });

export interface Ask {
  method?: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  timeoutMs?: number;
  /** Another pool of connections than all others use. */
  agent?: Agent;
}

export interface Answer {
  /** 0 where there was no answer. */
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** From the call to the last byte. */
  ms: number;
  /** Why there was no answer, as Node says it, such as ECONNREFUSED. */
  failure?: string;
}

/** What an answer was in short: its status, and whether it tells when to come back; or why there was none. */
export function outcomeOf({ status, headers, failure }: Answer): string {
  if (failure !== undefined) return failure;
  return headers['retry-after'] === undefined ? String(status) : `${status} + Retry-After`;
}

/** Sends a request on a connection that is kept open. It never rejects: no answer is an answer, too. */
export function ask(url: string, options: Ask = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body, timeoutMs = 60_000 } = options;
  const began = performance.now();
  const bytes = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve) => {
    const fail = ({ code, message }: NodeJS.ErrnoException) => {
      resolve({ status: 0, headers: {}, text: '', ms: performance.now() - began, failure: code ?? message });
    };
    const asked = request(url, {
      method,
      agent: options.agent ?? agent,
      headers: { ...(bytes !== undefined && { 'content-type': 'application/json' }), ...headers },
      signal: AbortSignal.timeout(timeoutMs),
    });
    asked.on('error', fail);
    asked.on('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('error', fail);
      answer.on('end', () => {
        const { statusCode = 0 } = answer;
        resolve({ status: statusCode, headers: answer.headers, text, ms: performance.now() - began });
      });
    });
    asked.end(bytes);
  });
}
