import type { Response } from 'light-my-request';
import { PASSWORD } from './make.js';
import type { TestApp } from './test-app.js';

export interface Tokens {
  access_token: string;
  refresh_token: string;
}

let accounts = 0;

/** What nobody has registered yet. */
export function account(wish: object = {}): { email: string; username: string; password: string } {
  const name = `account-${++accounts}`;
  return { email: `${name}@example.com`, username: name, password: PASSWORD, ...wish };
}

/** What somebody without a token may do to have one. */
export class Accounts {
  constructor(private readonly test: TestApp) {}

  register(wish?: object): Promise<Response> {
    return this.test.anonymous.post('auth/register', account(wish));
  }

  login(name: string, password = PASSWORD): Promise<Response> {
    return this.test.anonymous.post('auth/login', { login: name, password });
  }

  refresh(token: string): Promise<Response> {
    return this.test.anonymous.post('auth/refresh', { refresh_token: token });
  }

  async signIn(name: string): Promise<Tokens> {
    return tokensOf(await this.login(name));
  }
}

export function tokensOf(answer: Response): Tokens {
  return answer.json<Tokens>();
}
