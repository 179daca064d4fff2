interface Cookie {
  name: string;
  value: string;
  path: string;
}

/** What a browser was shown at last, or where it was sent that is not ours. */
export interface Shown {
  url: URL;
  status: number;
  /** Empty where the browser has left for somewhere else. */
  html: string;
  headers: Headers;
}

/** A browser as far as signing in needs one: cookies by their paths, redirects, forms; no script. */
export class Browser {
  private readonly cookies = new Map<string, Cookie>();

  constructor(
    private readonly origin: string,
    private readonly headers: Record<string, string> = {},
  ) {}

  /** Opens a page, following redirects for as long as they stay here. */
  async open(target: string | URL): Promise<Shown> {
    return this.follow(await this.request(new URL(target, this.origin)), new URL(target, this.origin));
  }

  /** Sends the form of a page whose action ends so, with the hidden fields that it has. */
  async submit(page: Shown, action: string, values: Record<string, string> = {}): Promise<Shown> {
    const { url, answer } = await this.send(page, action, values);
    return this.follow(answer, url);
  }

  /** Sends a form and stays; gives where it would be led. */
  async answerTo(page: Shown, action: string, values?: Record<string, string>): Promise<string> {
    const { answer } = await this.send(page, action, values);
    return answer.headers.get('location') ?? '';
  }

  /** Another one with the same cookies. */
  fork(): Browser {
    const copy = new Browser(this.origin, this.headers);
    for (const [key, cookie] of this.cookies) copy.cookies.set(key, cookie);
    return copy;
  }

  private async send(page: Shown, action: string, values: Record<string, string> = {}) {
    const forms = [...page.html.matchAll(/<form method="post" action="([^"]+)">(.*?)<\/form>/gs)];
    const form = forms.find(([, path]) => path.endsWith(`/${action}`));
    if (!form) throw new Error(`There is no form '${action}' in:\n${page.html}`);
    const hidden = [...form[2].matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    const fields = { ...Object.fromEntries(hidden.map(([, name, value]) => [name, value])), ...values };
    const url = new URL(form[1], this.origin);
    return { url, answer: await this.request(url, new URLSearchParams(fields)) };
  }

  private async follow(answer: Response, from: URL): Promise<Shown> {
    const location = answer.headers.get('location');
    if (location === null) {
      return { url: from, status: answer.status, html: await answer.text(), headers: answer.headers };
    }
    const url = new URL(location, from);
    if (url.origin !== this.origin) return { url, status: answer.status, html: '', headers: answer.headers };
    return this.follow(await this.request(url), url);
  }

  private async request(url: URL, body?: URLSearchParams): Promise<Response> {
    const cookie = [...this.cookies]
      .filter(([, { path }]) => url.pathname === path || url.pathname.startsWith(path.replace(/\/?$/, '/')))
      .map(([, { name, value }]) => `${name}=${value}`)
      .join('; ');
    const answer = await fetch(url, {
      method: body ? 'POST' : 'GET',
      body,
      redirect: 'manual',
      headers: { ...this.headers, ...(cookie && { cookie }), accept: 'text/html' },
    });
    for (const line of answer.headers.getSetCookie()) this.keep(line);
    return answer;
  }

  private keep(line: string): void {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    const path = /; path=([^;]+)/i.exec(line)?.[1] ?? '/';
    const key = `${name} ${path}`;
    if (/expires=Thu, 01 Jan 1970/.test(line)) this.cookies.delete(key);
    else this.cookies.set(key, { name, value, path });
  }
}
