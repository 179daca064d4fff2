import { isStorableText } from '../common/text.js';

export const APP_NAME_RULE = 'must be 1 to 100 characters that can be seen, none of which steers text';

/** Whether an app may call itself so before a learner: nothing that hides, turns round or breaks what the page says. */
export function isAppName(name: unknown): name is string {
  if (typeof name !== 'string' || name.length > 100 || !isStorableText(name)) return false;
  return name.trim() !== '' && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name);
}
