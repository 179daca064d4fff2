const MAX_SHOWN = 300;

/** Requests and answers, each printed in a form that can be read. */
export class Conversation {
  private headers: Record<string, string> = { 'content-type': 'application/json' };

  constructor(private readonly baseUrl: string) {}

  say(text: string): void {
    console.log(`\n# ${text}`);
  }

  /** Sends the token with every request from now on. */
  signIn(accessToken: string): void {
    this.headers = { ...this.headers, authorization: `Bearer ${accessToken}` };
  }

  /** @throws {Error} if the answer has another status than is expected */
  get<T = object>(path: string, expected = 200): Promise<T> {
    return this.ask('GET', path, undefined, expected);
  }

  /** @throws {Error} if the answer has another status than is expected */
  post<T = object>(path: string, body: object, expected = 200): Promise<T> {
    return this.ask('POST', path, JSON.stringify(body), expected);
  }

  private async ask<T>(method: string, path: string, body: string | undefined, expected: number): Promise<T> {
    const answer = await fetch(`${this.baseUrl}/api/v1/${path}`, { method, headers: this.headers, body });
    const text = await answer.text();
    console.log(`\n${method} /${path}${body ? `\n  ${withoutSecrets(body)}` : ''}`);
    console.log(`→ ${answer.status}  ${shorten(withoutSecrets(text))}`);
    if (answer.status !== expected) throw new Error(`${method} /${path} was ${answer.status}, not ${expected}`);
    return JSON.parse(text) as T;
  }
}

function withoutSecrets(text: string): string {
  return text.replace(/"(password|access_token|refresh_token)":"[^"]*"/g, '"$1":"…"');
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}… (${text.length} characters)` : line;
}
