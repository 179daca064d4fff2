import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Config, type ConfigError } from './config.js';
import { SETTINGS } from './environment.js';

const GOOD_KEY = 'Wk3v-9sLq_2fHx7PzR0tYbNcUe5gMiAo';
const config = (environment: NodeJS.ProcessEnv = {}) => Config.from(environment);

function problemsOf(environment: NodeJS.ProcessEnv): string[] {
  try {
    Config.from(environment);
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
}

it('needs nothing outside production', () => {
  expect(config()).toMatchObject({
    isProduction: false,
    host: '127.0.0.1',
    port: 8000,
    database: { kind: 'sqlite', path: resolve('data/course-companion.db') },
    corsOrigins: ['*'],
    docsEnabled: true,
    logLevel: 'info',
  });
});

it('is stricter in production', () => {
  expect(config({ NODE_ENV: 'production', LLM_PROVIDER: 'none', SECRET_KEY: GOOD_KEY })).toMatchObject({
    host: '0.0.0.0',
    corsOrigins: [],
  });
  expect(config({ NODE_ENV: 'production', LLM_PROVIDER: 'none', SECRET_KEY: GOOD_KEY, HOST: '::1' }).host).toBe('::1');
});

it.each([
  ['sqlite:./data/x.db', { kind: 'sqlite', path: resolve('data/x.db') }],
  ['sqlite:///./data/x.db', { kind: 'sqlite', path: resolve('data/x.db') }],
  ['sqlite:////var/x.db', { kind: 'sqlite', path: '/var/x.db' }],
  ['sqlite:/var/x.db', { kind: 'sqlite', path: '/var/x.db' }],
  ['postgres://u:p@h:1/d', { kind: 'postgres', url: 'postgres://u:p@h:1/d' }],
  ['postgresql://h/d', { kind: 'postgres', url: 'postgresql://h/d' }],
])('reads DATABASE_URL %s', (url, database) => {
  expect(config({ DATABASE_URL: url }).database).toEqual(database);
});

it.each(['mysql://h/d', 'sqlite:', 'sqlite://', 'sqlite::memory:', 'postgres//h', 'x'])(
  'refuses DATABASE_URL %s',
  (url) => {
    expect(problemsOf({ DATABASE_URL: url })).toEqual([
      'DATABASE_URL must be sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/NAME',
    ]);
  },
);

it.each([
  ['INFO', 'info'],
  ['Warning', 'warn'],
  ['debug', 'debug'],
])('understands LOG_LEVEL %s', (text, level) => {
  expect(config({ LOG_LEVEL: text }).logLevel).toBe(level);
});

it('names every bad key at once', () => {
  const problems = problemsOf({ PORT: '65536', LOG_LEVEL: 'loud', CORS_ORIGINS: 'chatgpt.com', DOCS_ENABLED: 'maybe' });
  expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
    'PORT',
    'CORS_ORIGINS',
    'DOCS_ENABLED',
    'LOG_LEVEL',
  ]);
});

it.each([
  { HOST: '999.1.1.1' },
  { HOST: '0.0.0.0:80' },
  { CORS_ORIGINS: 'https://*.example.org' },
  { OAUTH_CIMD_HOSTS: '.com' },
  { METRICS_TOKEN: 'é'.repeat(20) },
  { LLM_BASE_URL: 'http://user:password@127.0.0.1' },
])('refuses %j, which would not do what it says', (settings) => {
  expect(problemsOf(settings)).toEqual([expect.stringMatching(new RegExp(`^${Object.keys(settings)[0]} must be `))]);
});

it('takes addresses and names for HOST', () => {
  const hosts = ['127.0.0.1', '::', 'localhost', 'host-1.example.org'];
  expect(hosts.map((HOST) => config({ HOST }).host)).toEqual(hosts);
});

it('takes an empty value for none', () => {
  expect(config({ PORT: '', LOG_LEVEL: '' })).toMatchObject({ port: 8000, logLevel: 'info' });
});

it.each([
  [undefined, 'must be set'],
  ['secret', 'well-known'],
  ['your-secret-key-here', 'well-known'],
  ['changeme', 'well-known'],
  ['short-but-not-well-known', '32 bytes'],
  ['a'.repeat(64), '32 bytes'],
  ['0123456789abcdef0123456789abcdef', '32 bytes'],
  ['abcdefghijklmnopqrstuvwxyz123456', '32 bytes'],
  ['replace-me-with-a-long-random-string!!', 'well-known'],
  [`${GOOD_KEY},your_secret_key_here_at_least_32_characters`, 'well-known'],
  ['12345678901234567890123456789012', '32 bytes'],
  ['your-secret-key-change-in-production-1234567890', 'well-known'],
  [`${GOOD_KEY},short`, '32 bytes'],
])('row 29: refuses the SECRET_KEY %s in production', (key, reason) => {
  const problems = problemsOf({ NODE_ENV: 'production', LLM_PROVIDER: 'none', SECRET_KEY: key });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(reason);
});

it.each(['none', 'RS256', 'ES256', 'hs256', 'HS1'])('row 29: refuses the ALGORITHM %s', (algorithm) => {
  expect(problemsOf({ ALGORITHM: algorithm })).toEqual(['ALGORITHM must be HS256, HS384 or HS512']);
});

it('takes several good keys, of which the first will sign', () => {
  expect(problemsOf({ NODE_ENV: 'production', LLM_PROVIDER: 'none', SECRET_KEY: `${GOOD_KEY}, ${GOOD_KEY}x` })).toEqual(
    [],
  );
});

it('is described in .env.example, every variable and no other', () => {
  const example = readFileSync(join(__dirname, '../../.env.example'), 'utf8');
  const described = [...example.matchAll(/^#? ?([A-Z_]+)=/gm)].map(([, name]) => name);
  expect(described.sort()).toEqual(Object.keys(SETTINGS).sort());
});

describe('the model', () => {
  const production = { NODE_ENV: 'production', SECRET_KEY: GOOD_KEY };
  const key = { LLM_API_KEY: 'k' };

  it('is the rules outside production, and has to be chosen there', () => {
    expect(config({}).llm.provider).toBe('offline');
    expect(problemsOf(production)).toEqual([expect.stringMatching(/^LLM_PROVIDER must be set/)]);
    expect(config({ ...production, LLM_PROVIDER: 'offline' }).llm.dailyBudgetUsd).toBeNull();
  });

  it('needs a key, and in production a budget, where it is paid for', () => {
    expect(problemsOf({ LLM_PROVIDER: 'anthropic' })).toEqual([expect.stringMatching(/^LLM_API_KEY/)]);
    expect(problemsOf({ LLM_PROVIDER: 'openai' })).toEqual([expect.stringMatching(/^LLM_MODEL/)]);
    expect(problemsOf({ ...production, ...key, LLM_PROVIDER: 'anthropic' })).toEqual([
      expect.stringMatching(/^LLM_DAILY_BUDGET_USD/),
    ]);
    const paid = config({
      ...production,
      ANTHROPIC_API_KEY: 'k',
      LLM_PROVIDER: 'anthropic',
      LLM_DAILY_BUDGET_USD: '12.50',
    });
    expect(paid.llm).toMatchObject({
      model: 'claude-sonnet-4-5',
      apiKey: 'k',
      dailyBudgetUsd: 12.5,
      prices: { input: 3, output: 15 },
    });
  });

  it.each([
    [{ LLM_PROVIDER: 'skynet' }, 'LLM_PROVIDER'],
    [{ LLM_BASE_URL: 'ftp://x' }, 'LLM_BASE_URL'],
    [{ LLM_DAILY_BUDGET_USD: '-1' }, 'LLM_DAILY_BUDGET_USD'],
    [{ LLM_PRICE_INPUT_PER_MTOK: 'cheap' }, 'LLM_PRICE_INPUT_PER_MTOK'],
  ])('refuses %j', (settings, name) => {
    expect(problemsOf(settings)).toEqual([expect.stringMatching(new RegExp(`^${name} must be`))]);
  });
});
