import { readFileSync } from 'node:fs';
import autocannon from 'autocannon';
import type { Loaded } from './generator.js';

/** Does with autocannon what wrk.lua does with wrk. Before that one's arguments: the address, connections, seconds. */
async function main([url, connections, duration, file, repetition, status]: string[]): Promise<void> {
  const requests = readRequests(file);
  let next = 0;
  const setupRequest = (request: autocannon.Request) => ({ ...request, ...requests[next++ % requests.length] });
  const most = repetition === 'once' ? { amount: requests.length } : { duration: Number(duration) };
  const options = { url, connections: Number(connections), requests: [{ setupRequest }], ...most };
  const unexpected: number[] = [];
  const began = performance.now();
  let last = began;
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const instance = autocannon(options, (error: Error | null, told) => (error ? reject(error) : resolve(told)));
    instance.on('response', (_client, answered) => {
      last = performance.now();
      if (answered !== Number(status)) unexpected.push(answered);
    });
    // An amount knows no other end.
    setTimeout(() => instance.stop?.(), Number(duration) * 1000).unref();
  });
  const loaded: Loaded = {
    answers: result.requests.total,
    seconds: (last - began) / 1000,
    p50: result.latency.p50,
    p99: result.latency.p99,
    broken: result.errors,
    unexpected: unexpected.length,
    status: unexpected.at(-1) ?? 0,
  };
  console.log(JSON.stringify(loaded));
}

/** Takes apart again what `writeRequests` wrote. */
function readRequests(file: string): autocannon.Request[] {
  const bytes = readFileSync(file);
  const requests: autocannon.Request[] = [];
  for (let at = 0; at < bytes.length;) {
    const lineEnd = bytes.indexOf('\n', at);
    const end = lineEnd + 1 + Number(bytes.toString('latin1', at, lineEnd));
    const [head, body] = bytes.toString('utf8', lineEnd + 1, end).split('\r\n\r\n');
    const [first, ...lines] = head.split('\r\n');
    const [method, path] = first.split(' ');
    const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s, 2))) as Record<string, string>;
    requests.push({ method: method as 'GET', path, headers, body });
    at = end;
  }
  return requests;
}

void main(process.argv.slice(2));
