import { join } from 'node:path';
import type { Effort } from '../settings.js';
import { processorMs, type Running } from '../processes.js';
import { generate } from './generator.js';
import { type Request, writeRequests } from './requests.js';

/** How many requests are under way at once. */
const CONNECTIONS = 32;

/** What is asked for, of every server alike. */
export interface Question {
  name: string;
  status?: number;
  connections?: number;
  requests: Requests;
}

/** Again and again the same in turns, by the server's place among those that are asked; or each but once, for the next load. */
export type Requests = { all: Request[] } | { each: Request[][] } | { once: (server: number) => Request[] };

/** What one load of a server told; times are in milliseconds. */
export interface Measured {
  perSecond: number;
  p50: number;
  p99: number;
  /** The processor's time for each request; null where the system does not tell. */
  cpuMs: number | null;
  /** The share of the time in which a processor worked for the server: near 1 if nothing else was the limit. */
  busy: number | null;
}

/**
 * Loads servers in turns, A B A B, so that what else the machine does meanwhile meets all of them; each once before, to warm
 * up.
 * @returns for each round what each of the servers did
 */
export async function inTurns(
  { name, status = 200, connections = CONNECTIONS, requests }: Question,
  servers: Running[],
  folder: string,
  { rounds, seconds }: Effort,
): Promise<Measured[][]> {
  const file = join(folder, `${name.replace(/\W+/g, '-')}.requests`);
  const isRepeatable = !('once' in requests);
  const load = async (server: Running, index: number): Promise<Measured> => {
    writeRequests(file, requestsFor(requests, index));
    const before = processorMs(server);
    const loaded = await generate({ url: server.url, file, isRepeatable, status, connections, seconds });
    const { answers, p50, p99 } = loaded;
    const used = before === null ? null : (processorMs(server) ?? 0) - before;
    return {
      perSecond: answers / loaded.seconds,
      p50,
      p99,
      cpuMs: used === null ? null : used / answers,
      busy: used === null ? null : used / 1000 / loaded.seconds,
    };
  };
  const measured: Measured[][] = [];
  for (let round = 0; round <= rounds; round++) {
    const turn: Measured[] = [];
    for (const [index, server] of servers.entries()) turn.push(await load(server, index));
    if (round > 0) measured.push(turn);
  }
  return measured;
}

function requestsFor(requests: Requests, server: number): Request[] {
  if ('once' in requests) return requests.once(server);
  return 'all' in requests ? requests.all : requests.each[server];
}
