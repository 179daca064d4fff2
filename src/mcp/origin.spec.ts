import { isWelcome } from './origin.js';

const PUBLIC_URL = 'https://learn.example.org';
const welcome = (origin: string | undefined, host: string | undefined, allowed: string[]) =>
  isWelcome({ origin, host }, PUBLIC_URL, allowed);

it.each(['learn.example.org', 'localhost', 'localhost:8000', '127.0.0.1:8000', '[::1]:8000', '10.0.0.7', '[fe80::1]'])(
  'lets pages ask for %s',
  (host) => {
    expect(welcome('https://a.example', host, ['*'])).toBe(true);
    expect(welcome('https://a.example', host, ['https://a.example'])).toBe(true);
    expect(welcome(PUBLIC_URL, host, [])).toBe(true);
    expect(welcome('https://b.example', host, ['https://a.example'])).toBe(false);
  },
);

it.each(['a.example', 'localhost.a.example', 'learn.example.org.a.example', '127.0.0.1.a.example', '', undefined])(
  'lets no page ask for %s, and everyone who is none',
  (host) => {
    expect(welcome('https://a.example', host, ['*'])).toBe(false);
    expect(welcome(undefined, host, [])).toBe(true);
  },
);
