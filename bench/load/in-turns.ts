import { join } from 'node:path';
import type { Effort } from '../settings.js';
import { processorMs } from '../process-figures.js';
import type { Running } from '../processes.js';
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

/** What the next load of a server sends. */
export interface Requests {
  /** Whether they are sent in turns for as long as the load lasts, or each but once. */
  isRepeatable: boolean;
  /** @param server its place among those that are asked */
  of: (server: number) => Request[];
}

/** The same for every server, again and again. */
export function always(requests: Request[]): Requests {
  return { isRepeatable: true, of: () => requests };
}

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
 * Loads servers in turns, A B A B, so that what else the machine does meanwhile meets all of them; each once before, to
 * warm up.
 * @returns for each round what each of the servers did
 */
export async function inTurns(
  { name, status = 200, connections = CONNECTIONS, requests }: Question,
  servers: Running[],
  folder: string,
  { rounds, seconds }: Pick<Effort, 'rounds' | 'seconds'>,
): Promise<Measured[][]> {
  const file = join(folder, `${name.replace(/\W+/g, '-')}.requests`);
  const { isRepeatable } = requests;
  const load = async (server: Running, index: number): Promise<Measured> => {
    writeRequests(file, requests.of(index));
    const before = processorMs(server.child);
    const loaded = await generate({ url: server.url, file, isRepeatable, status, connections, seconds });
    const { answers, p50, p99 } = loaded;
    const used = before === null ? null : (processorMs(server.child) ?? 0) - before;
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
