import { Conversation } from './conversation.js';
import { hybrid } from './hybrid.js';
import { learner } from './learner.js';

const BASE_URL = process.env.BASE_URL ?? 'http://127.0.0.1:8000';
const DEMOS: Record<string, (talk: Conversation) => Promise<void>> = { learner, hybrid };

/** Leads through a demo, the learner's unless another is named, against the server at BASE_URL. */
async function main(name = 'learner'): Promise<void> {
  const demo = DEMOS[name];
  if (!demo) throw new Error(`There is no demo '${name}', only ${Object.keys(DEMOS).join(', ')}`);
  await demo(new Conversation(BASE_URL));
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
