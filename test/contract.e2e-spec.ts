import fc from 'fast-check';
import { type ArbitraryRequest, requestsTo } from './arbitrary-requests.js';
import { failOn } from './contract.js';
import { type Operation, OPERATIONS } from './operations.js';
import { ContractWorld, hints, rolesFor } from './contract-world.js';
import { faultsIn } from './request-faults.js';
import { onEachDatabase, takeViolations } from './test-app.js';

const REQUESTS = 10_000;
/** One that is new every time; `CONTRACT_SEED` repeats what it was. */
const FRESH_SEED = Number(process.env.CONTRACT_SEED ?? Math.floor(Math.random() * 2 ** 31));

const requests = fc.oneof(...OPERATIONS.map((operation) => requestsTo(operation, hints, rolesFor(operation))));

onEachDatabase((kind) => {
  let world: ContractWorld;
  beforeAll(async () => {
    world = await ContractWorld.start(kind);
  });
  afterAll(() => world.stop());

  /** How many answers of each class every operation gave to its own method. */
  const counted = new Map(OPERATIONS.map(({ operationId }) => [operationId, [0, 0, 0, 0]]));
  const counts = ({ operationId }: Operation) => counted.get(operationId) ?? [];

  async function expectKept(request: ArbitraryRequest): Promise<void> {
    const { sent, response } = await world.send(request);
    const { statusCode } = response;
    const violations = takeViolations();
    if (statusCode >= 500) violations.push(`answers ${statusCode}`);
    const operation = OPERATIONS.find(({ operationId }) => operationId === request.operationId);
    if (operation && request.isItsMethod) {
      counts(operation)[Math.floor(statusCode / 100) - 2]++;
      if (statusCode < 300) violations.push(...faultsIn(sent, operation).map((fault) => `was accepted: ${fault}`));
    }
    failOn(violations);
  }

  it.each([
    ['a fixed seed', 42],
    ['a fresh seed', FRESH_SEED],
  ])(
    'row 42: no request, however odd, gets an answer outside the contract, a 5xx or what the document forbids, with %s',
    async (_which, seed) => {
      const property = fc.asyncProperty(requests, expectKept);
      // Requests follow upon each other, so that a smaller one would not tell more.
      const run = await fc.check(property, { seed, numRuns: REQUESTS / 2, endOnFailure: true });
      if (!run.failed) return;
      const { message } = run.errorInstance as Error;
      const request = JSON.stringify(run.counterexample?.[0], null, 2).slice(0, 4000);
      throw new Error(`${message}\nafter ${run.numRuns} requests, with CONTRACT_SEED=${FRESH_SEED}, for\n${request}`);
    },
    300_000,
  );

  it('row 42: every operation was asked a hundred times, and two requests of five did what they asked for', () => {
    const rows = [...counted].map(([operation, [ok, unchanged, refused, failed]]) => {
      const asked = ok + unchanged + refused + failed;
      return { operation, asked, '2xx': ok, '304': unchanged, '4xx': refused, '5xx': failed };
    });
    if (process.env.CONTRACT_TABLE) console.table(rows);
    expect(rows.filter((row) => row.asked < 100 || row['2xx'] < 3)).toEqual([]);
    const served = rows.reduce((sum, row) => sum + row['2xx'], 0);
    expect(served / REQUESTS).toBeGreaterThan(0.4);
  });
});
