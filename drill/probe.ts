import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Loaded into a server that is watched for growth: on SIGUSR2 it collects its garbage and tells what it still holds. */
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

process.on('SIGUSR2', () => {
  collectGarbage();
  const heap = process.memoryUsage().heapUsed / 1024 / 1024;
  console.log(JSON.stringify({ heap, resources: process.getActiveResourcesInfo().length }));
});
