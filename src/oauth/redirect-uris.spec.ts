import { isOfChatGpt, isOfDocument, isRedirectUri } from './redirect-uris.js';

it.each([
  'https://chatgpt.com/connector_platform_oauth_redirect',
  'https://chatgpt.com/connector/oauth/abc_DEF-123',
  'https://chat.openai.com/aip/g-0123456789abcdef/oauth/callback',
  'https://chatgpt.com/aip/g-0123456789abcdef/oauth/callback',
])('%s is ChatGPT’s', (uri) => expect(isOfChatGpt(uri)).toBe(true));

it.each([
  'http://chatgpt.com/connector_platform_oauth_redirect',
  'https://chatgpt.com.example.org/connector_platform_oauth_redirect',
  'https://chatgpt.com/connector/oauth/../../evil',
  'https://chatgpt.com/connector/oauth/',
  'https://chatgpt.com@example.org/connector/oauth/abc',
  'https://chatgpt.com/aip/g-1/oauth/callback?next=https://example.org',
  'https://chatgpt.com/aip/x-1/oauth/callback',
])('%s is not ChatGPT’s', (uri) => expect(isOfChatGpt(uri)).toBe(false));

it('a client that a document describes goes to ChatGPT or to where the document is', () => {
  const document = 'https://apps.example.org/client.json';
  expect(isOfDocument('https://apps.example.org/callback', document)).toBe(true);
  expect(isOfDocument('https://chatgpt.com/connector/oauth/abc', document)).toBe(true);
  expect(isOfDocument('https://other.example.org/callback', document)).toBe(false);
  expect(isOfDocument('http://apps.example.org/callback', document)).toBe(false);
  expect(isOfDocument('nonsense', document)).toBe(false);
});

it.each([
  ['https://example.org/callback', true],
  ['http://127.0.0.1:9999/callback', true],
  ['http://localhost/callback', true],
  ['http://[::1]:1/callback', true],
  ['http://example.org/callback', false],
  ['https://example.org/callback#part', false],
  ['https://user@example.org/callback', false],
  ["https://example.org';x/callback", false],
  ['javascript:alert(1)', false],
  ['myapp://callback', false],
  ['/callback', false],
])('an operator may register %s: %s', (uri, expected) => expect(isRedirectUri(uri)).toBe(expected));
