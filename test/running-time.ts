const LOOK_MS = 5;
/** More at once is no time that the process ran. */
const MOST_AT_ONCE_MS = 50;

/** How long some work takes, in milliseconds, without what the machine stood still in between. */
export async function runningTime(work: () => Promise<void>): Promise<number> {
  let ran = 0;
  let last = performance.now();
  const look = () => {
    ran += Math.min(performance.now() - last, MOST_AT_ONCE_MS);
    last = performance.now();
  };
  const watch = setInterval(look, LOOK_MS);
  await work();
  clearInterval(watch);
  look();
  return ran;
}
