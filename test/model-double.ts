import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** What the double does with one request. */
export type Behaviour =
  /** Answers with this object as JSON, or with this text as it is. */
  | { answer: unknown; usage?: { input?: number; output?: number } }
  | { status: number; headers?: Record<string, string> }
  | { refusal: true }
  /** Answers after so many milliseconds. */
  | { slow: number; answer: unknown }
  /** Breaks the connection off, before the answer or in its midst. */
  | { cut: 'before' | 'within' }
  /** A 200 whose body comes letter by letter and never ends. */
  | { dripping: true }
  /** A 200 that is no JSON. */
  | { malformed: true }
  /** Puts its whole prompt into every text of this answer. */
  | { echoInto: (prompt: string) => unknown }
  | { redirect: string };

export interface Seen {
  path: string;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
  /** The whole body as text. */
  text: string;
}

const USAGE: { input?: number; output?: number } = { input: 900, output: 200 };

/** A provider on loopback that speaks Anthropic's Messages API and OpenAI's chat API, and does what it is told. */
export class ModelDouble {
  readonly seen: Seen[] = [];
  /** What it has told to have used, in all. */
  readonly reported = { input: 0, output: 0, answers: 0 };
  /** Called for every request. */
  behave: (seen: Seen) => Behaviour = () => ({ status: 500 });
  private constructor(private readonly server: Server) {}

  static async start(): Promise<ModelDouble> {
    const server = createServer();
    const double = new ModelDouble(server);
    server.on('request', (request, response) => void double.serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return double;
  }

  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('The double does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  /** Does this with each request in turn, and the last of it from then on. */
  does(...behaviours: Behaviour[]): void {
    let turn = 0;
    this.behave = () => behaviours[Math.min(turn++, behaviours.length - 1)];
  }

  /** As if nobody had asked. */
  forget(): void {
    this.seen.length = 0;
    Object.assign(this.reported, { input: 0, output: 0, answers: 0 });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const seen: Seen = {
      path: request.url ?? '',
      headers: request.headers,
      body: text ? (JSON.parse(text) as Seen['body']) : {},
      text,
    };
    this.seen.push(seen);
    const does = this.behave(seen);
    const send = (status: number, body: unknown, headers: Record<string, string> = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    };
    if ('cut' in does) {
      if (does.cut === 'within') {
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' })
          .write('{"id":"x","con');
        await delay(20);
      }
      request.socket.destroy();
    } else if ('status' in does) {
      send(
        does.status,
        { type: 'error', error: { type: 'overloaded_error', message: 'A double says no' } },
        does.headers,
      );
    } else if ('redirect' in does) {
      response.writeHead(307, { location: does.redirect }).end();
    } else if ('dripping' in does) {
      response.writeHead(200, { 'content-type': 'application/json' });
      for (; !response.destroyed; await delay(50)) response.write(' ');
    } else if ('malformed' in does) {
      response.writeHead(200, { 'content-type': 'application/json' }).end('<html>not json');
    } else {
      if ('slow' in does) await delay(does.slow, undefined, { ref: false });
      const answer = 'refusal' in does ? '' : 'echoInto' in does ? does.echoInto(text) : does.answer;
      const usage = ('usage' in does && does.usage) || USAGE;
      if (response.destroyed || request.socket.destroyed) return;
      this.reported.input += usage.input ?? 0;
      this.reported.output += usage.output ?? 0;
      this.reported.answers++;
      const content = typeof answer === 'string' ? answer : JSON.stringify(answer);
      send(
        200,
        seen.path.endsWith('/messages')
          ? message(seen, content, usage, 'refusal' in does)
          : completion(seen, content, usage, 'refusal' in does),
      );
    }
  }
}

/** As POST /v1/messages answers; with a forced tool the answer is its input. */
function message({ body }: Seen, content: string, usage: typeof USAGE, isRefusal: boolean): object {
  const tools = body.tools as { name: string }[] | undefined;
  const part = tools?.length && !isRefusal ? toolUse(tools[0].name, content) : { type: 'text', text: content };
  return {
    id: 'msg_double',
    type: 'message',
    role: 'assistant',
    model: body.model,
    content: [part],
    stop_reason: isRefusal ? 'refusal' : tools?.length ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: usage.input, output_tokens: usage.output },
  };
}

function toolUse(name: string, content: string): object {
  try {
    return { type: 'tool_use', id: 'toolu_double', name, input: JSON.parse(content) as object };
  } catch {
    return { type: 'text', text: content };
  }
}

/** As POST /chat/completions answers. */
function completion({ body }: Seen, content: string, usage: typeof USAGE, isRefusal: boolean): object {
  return {
    id: 'chatcmpl-double',
    object: 'chat.completion',
    created: 1_795_000_000,
    model: body.model,
    choices: [
      { index: 0, message: { role: 'assistant', content }, finish_reason: isRefusal ? 'content_filter' : 'stop' },
    ],
    usage: {
      prompt_tokens: usage.input,
      completion_tokens: usage.output,
      total_tokens: (usage.input ?? 0) + (usage.output ?? 0),
    },
  };
}
