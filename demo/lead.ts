import type { Api } from './api.js';
import { hybrid } from './hybrid.js';
import { learner } from './learner.js';

const BASE_URL = process.env.BASE_URL ?? 'http://127.0.0.1:8000';
const DEMOS: Record<string, (api: Api) => Promise<void>> = { learner, hybrid };

/**
 * Leads through the demo that the command line names, the learner's unless it names another, with this client of
 * BASE_URL.
 */
export async function lead(client: (baseUrl: string) => Api, name = process.argv[2] ?? 'learner'): Promise<void> {
  try {
    const demo = DEMOS[name];
    if (!demo) throw new Error(`There is no demo '${name}', only ${Object.keys(DEMOS).join(', ')}`);
    await demo(client(BASE_URL));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
