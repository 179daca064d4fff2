import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** Lets go of everything that nothing holds, as a process does that has been running for a while. */
export const collectGarbage = runInNewContext('gc') as () => void;
