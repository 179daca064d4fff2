import autocannon from 'autocannon';

const ROUNDS = 3;
const SECONDS = 4;
const CONNECTIONS = 32;

/** What is asked for again and again. */
export interface Target {
  url: string;
  headers: Record<string, string>;
}

interface Load {
  perSecond: number;
  p50: number;
  p99: number;
}

/** Loads ours and the floor in turns and prints the share of the floor's requests per second that ours answers. */
export async function compare(name: string, ours: Target, floor: Target): Promise<void> {
  const ratios: number[] = [];
  let last: [Load, Load] | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const theirs = await load(floor);
    const own = await load(ours);
    ratios.push(own.perSecond / theirs.perSecond);
    last = [own, theirs];
  }
  report(name, ratios, last);
}

async function load({ url, headers }: Target): Promise<Load> {
  const result = await autocannon({ url, headers, connections: CONNECTIONS, duration: SECONDS });
  if (result.errors > 0 || result['5xx'] + result['4xx'] > 0) throw new Error(`${url} failed under load`);
  return { perSecond: result.requests.average, p50: result.latency.p50, p99: result.latency.p99 };
}

function report(name: string, ratios: number[], last: [Load, Load] | undefined): void {
  const [low, high] = [Math.min(...ratios), Math.max(...ratios)];
  const [own, floor] = (last ?? []).map(
    ({ perSecond, p50, p99 }) => `${perSecond.toFixed(0)}/s p50 ${p50} p99 ${p99} ms`,
  );
  console.log(`${name.padEnd(30)}${low.toFixed(2)}–${high.toFixed(2)} of the floor   ours ${own}   floor ${floor}`);
}
