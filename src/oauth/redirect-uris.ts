/**
 * Where ChatGPT takes learners back to: its apps, with and without an id of their own, and the actions of a custom GPT
 * (developers.openai.com/plugins/build/auth and /api/docs/actions/authentication).
 */
const OF_CHATGPT = [
  /^https:\/\/chatgpt\.com\/connector_platform_oauth_redirect$/,
  /^https:\/\/chatgpt\.com\/connector\/oauth\/[\w-]{1,128}$/,
  /^https:\/\/(chatgpt\.com|chat\.openai\.com)\/aip\/g-[\w-]{1,128}\/oauth\/callback$/,
];

/** Whether a client that registers itself may have learners sent there. */
export function isOfChatGpt(uri: string): boolean {
  return OF_CHATGPT.some((pattern) => pattern.test(uri));
}

/**
 * Whether a client that a document describes may have learners sent there: to ChatGPT, or to where the document itself
 * is, whose host the operator has allowed.
 */
export function isOfDocument(uri: string, documentUrl: string): boolean {
  return isOfChatGpt(uri) || (URL.canParse(uri) && new URL(uri).origin === new URL(documentUrl).origin);
}

/** Whether an operator may register it: https, or http on this machine, and no fragment (RFC 6749, 3.1.2). */
export function isRedirectUri(uri: string): boolean {
  if (!URL.canParse(uri) || uri.includes('#')) return false;
  const { protocol, hostname, username, password } = new URL(uri);
  if (username !== '' || password !== '') return false;
  if (!/^([a-z0-9.-]+|\[[0-9a-f:]+\])$/.test(hostname)) return false;
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname));
}
