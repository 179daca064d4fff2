import { collectGarbage } from './garbage.js';

/**
 * Loaded into a server that is watched for growth: on SIGUSR2 it collects its garbage and tells what it still holds.
 */
process.on('SIGUSR2', () => {
  collectGarbage();
  const heap = process.memoryUsage().heapUsed / 1024 / 1024;
  console.log(JSON.stringify({ heap, resources: process.getActiveResourcesInfo().length }));
});
