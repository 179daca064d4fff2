import { setFlagsFromString } from 'node:v8';

/**
 * Imported before what is large: while the program starts V8's young generation does not grow. So what starting leaves
 * behind is collected at once; with more room V8 would keep it for half a minute.
 */
setFlagsFromString('--semi-space-growth-factor=1');

/** From here on it grows as V8 wants it to. */
export function letYoungGenerationGrow(): void {
  setFlagsFromString('--semi-space-growth-factor=2');
}
