import { writeFileSync } from 'node:fs';

/** A request as it is sent to ours and to the floor alike. */
export interface Request {
  method?: 'GET' | 'POST';
  path: string;
  headers?: Record<string, string>;
  body?: object;
}

/** Writes requests as they go over the wire, each after its length, for the generator to read. */
export function writeRequests(file: string, requests: Request[]): void {
  const texts = requests.map(toText);
  writeFileSync(file, texts.map((text) => `${Buffer.byteLength(text)}\n${text}`).join(''));
}

function toText({ method = 'GET', path, headers = {}, body }: Request): string {
  const content = body === undefined ? '' : JSON.stringify(body);
  const all = {
    host: 'localhost',
    ...headers,
    ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${content}`;
}
