/** Words of examples, and the key of FastAPI's tutorial on OAuth2 with JWT. */
const WELL_KNOWN_SECRETS =
  /^(secret|default|password|test|dev)([-_]?(secret|key|here|me))*$|(change|replace).?(me|this|it|with|in.?prod)|your.?(super.?)?secret|secret.?key|placeholder|^09d25e094faa6ca2556c818166b7a956/i;
const MIN_SECRET_BYTES = 32;
/** No key repeats itself sooner. */
const MIN_SECRET_PERIOD = 24;

/** What keeps these keys, comma-separated, from signing tokens in production. */
export function secretProblems(value: string | undefined): string[] {
  const keys = (value ?? '').split(',').map((key) => key.trim());
  if (keys.every((key) => key === '')) return ['SECRET_KEY must be set in production'];
  if (keys.some((key) => WELL_KNOWN_SECRETS.test(key))) return ['SECRET_KEY must not be a well-known value'];
  return keys.some((key) => isGuessable(key))
    ? [`SECRET_KEY must hold at least ${MIN_SECRET_BYTES} bytes that cannot be guessed, in each of its keys`]
    : [];
}

function isGuessable(key: string): boolean {
  return (
    Buffer.byteLength(key) < MIN_SECRET_BYTES ||
    new Set(key).size < 8 ||
    periodOf(key) < MIN_SECRET_PERIOD ||
    isSequence(key)
  );
}

/** Whether most of its characters follow one another, as in "abcdef". */
function isSequence(text: string): boolean {
  const codes = Array.from(text, (letter) => letter.charCodeAt(0));
  return codes.filter((code, index) => code === codes[index - 1] + 1).length > text.length / 2;
}

/** After how many characters a text repeats itself. */
function periodOf(text: string): number {
  let period = 1;
  while (!text.startsWith(text.slice(period))) period++;
  return period;
}
