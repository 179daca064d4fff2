import { setTimeout as delay } from 'node:timers/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { hasCommand } from '../bench/has-command.js';
import { quantile } from '../bench/spread.js';
import { type Answer, CachedService } from './cached-service.js';
import type { Finding } from './finding.js';
import { Learner } from './learner.js';
import { COURSE, QUIZ } from './sample-course.js';

const WHOLE = `/api/v1/courses/${COURSE}`;
const FREE = `/api/v1/chapters/${COURSE}-why-types`;
const PREMIUM = `/api/v1/chapters/${COURSE}-typing-a-project`;
const BEFORE_PREMIUM = `/api/v1/chapters/${COURSE}-data-at-the-border/next`;
const FREE_QUIZ = `/api/v1/quizzes/${QUIZ}`;
const SEARCH = '/api/v1/search?q=types';

/** A word of the free chapter, and one that stands in the premium chapter's text alone. */
const FREE_WORD = 'ticket office';
const PREMIUM_WORD = 'forty thousand lines';

const S_MAXAGE_SECONDS = 60;
/** By then every process of the service has heard of an import; before that, it may give its old text once more. */
const HEARD_WITHIN_MS = 1000;
/** How often the changed chapter is asked for, and how long beyond s-maxage its new text may take. */
const POLL_MS = 500;
const REFRESH_SECONDS = 3;

/** Of what did not hold. */
const MOST_TOLD = 5;

/** Whether a claim was true; what was not is told at the end. */
type Check = (claim: string, isTrue: boolean) => void;

/**
 * Whether a shared cache before the service answers as the service would: the same bytes for what is everyone's, never
 * anything of one reader's for another, no error kept, and new text after an import. Takes a good minute, since an
 * answer is fresh for so long.
 */
export async function sharedCache(): Promise<Finding> {
  if (!hasCommand('nginx')) return { held: false, figure: 'nginx was not found' };
  const broken: string[] = [];
  let checks = 0;
  const check: Check = (claim, isTrue) => {
    checks++;
    if (!isTrue) broken.push(claim);
  };
  const service = await CachedService.start({ RATE_LIMIT_SEARCH: '10/minute' });
  const learner = await Learner.register(service.directUrl);
  const subscriber = await Learner.register(service.directUrl);
  await service.deployment.givePremium(subscriber);

  await keepsWhatIsEveryones(service, check);
  await passesBySignedIn(service, learner, subscriber, check);
  await keepsReadersApart(service, learner, subscriber, check);
  await keepsNoError(service, check);
  const { fromCache, fromService } = await times(service, learner);
  const { purged, expired } = await followsImports(service, check);
  const figure =
    `a chapter takes ${fromCache} ms from the cache and ${fromService} ms from the service; ` +
    `new text ${purged} ms after a purge, ${expired} s after an import without one`;
  const outcome = `${checks - broken.length} of ${checks} checks held`;
  return { held: broken.length === 0, figure: [outcome, ...broken.slice(0, MOST_TOLD), figure].join('; ') };
}

async function keepsWhatIsEveryones(service: CachedService, check: Check): Promise<void> {
  const texts: string[] = [];
  const tags: string[] = [];
  for (const encoding of ['identity', 'gzip', 'br']) {
    const accept = { 'accept-encoding': encoding };
    const [first, second] = [await service.get(FREE, accept), await service.get(FREE, accept)];
    check(`${encoding}: a miss, then a hit`, first.cached === 'MISS' && second.cached === 'HIT');
    check(`${encoding}: equal bytes`, first.body.equals(second.body) && second.body.length > 0);
    check(`${encoding}: is what was asked for`, (second.headers['content-encoding'] ?? 'identity') === encoding);
    check(`${encoding}: the hit tells nobody's limit`, second.headers['x-ratelimit-remaining'] === undefined);
    check(
      `${encoding}: each answer has an id`,
      first.headers['x-request-id'] !== second.headers['x-request-id'] && !!second.headers['x-request-id'],
    );
    const held = await service.get(FREE, { ...accept, 'if-none-match': tagOf(second) });
    check(`${encoding}: 304 from the cache`, held.status === 304 && held.cached === 'HIT');
    texts.push(decoded(second));
    tags.push(tagOf(second));
  }
  check('one text in all encodings', new Set(texts).size === 1);
  check('a tag per encoding', new Set(tags).size === 3);
  check('/metrics is not served', (await service.get('/metrics')).status === 404);
}

/** What is asked for with a token comes from the service, and only what is everyone's may be kept, by the reader. */
async function passesBySignedIn(
  service: CachedService,
  learner: Learner,
  subscriber: Learner,
  check: Check,
): Promise<void> {
  const routes: [string, Learner, string][] = [
    [FREE, learner, 'private, max-age=60'],
    [WHOLE, learner, 'private, max-age=60'],
    [PREMIUM, subscriber, 'private, no-store'],
    [BEFORE_PREMIUM, subscriber, 'private, no-store'],
    [`${WHOLE}/chapters?limit=50`, subscriber, 'private, no-store'],
    [FREE_QUIZ, learner, 'private, no-store'],
    [SEARCH, learner, 'private, no-store'],
    ['/api/v1/auth/me', learner, 'private, no-store'],
    ['/api/v1/progress/me/courses', learner, 'private, no-store'],
    ['/api/v1/subscriptions/me', learner, 'private, no-store'],
  ];
  for (const [path, { authorization }, cacheControl] of routes) {
    for (const turn of ['first', 'second']) {
      const answer = await service.get(path, { authorization, 'accept-encoding': 'identity' });
      check(`${path} with a token, ${turn}: 200 past the cache`, answer.status === 200 && answer.cached === 'BYPASS');
      check(`${path} with a token, ${turn}: ${cacheControl}`, answer.headers['cache-control'] === cacheControl);
    }
  }
  check('no text for subscribers is in the cache', (await service.countStored(PREMIUM_WORD)) === 0);
  check('no learner is in the cache', (await service.countStored(learner.email)) === 0);
  for (const path of ['/api/v1/auth/me', '/api/v1/progress/me/courses', '/api/v1/subscriptions/me', PREMIUM]) {
    const answer = await service.get(path);
    check(`${path} without a token: 401 from the service`, answer.status === 401 && answer.cached === 'MISS');
  }
}

async function keepsReadersApart(
  service: CachedService,
  learner: Learner,
  subscriber: Learner,
  check: Check,
): Promise<void> {
  const signedIn = { authorization: subscriber.authorization };
  const [locked, open] = [await service.get(BEFORE_PREMIUM), await service.get(BEFORE_PREMIUM, signedIn)];
  check('the locked chapter has no text', !decoded(locked).includes(PREMIUM_WORD));
  check('the open one has', decoded(open).includes(PREMIUM_WORD));
  check('nothing to compare an open chapter by', open.headers.etag === undefined);
  const again = await service.get(BEFORE_PREMIUM, { ...signedIn, 'if-none-match': tagOf(locked) });
  check('the tag of the locked chapter is not that of the open one', again.status === 200);
  check(
    'the open chapter did not replace the locked one',
    (await service.get(BEFORE_PREMIUM)).body.equals(locked.body),
  );

  const anyTag = { 'if-none-match': `*, ${tagOf(locked)}` };
  check('any tag, anonymous: 401', (await service.get(PREMIUM, anyTag)).status === 401);
  const asLearner = await service.get(PREMIUM, { ...anyTag, authorization: learner.authorization });
  check('any tag, without the plan: 403', asLearner.status === 403);
  for (const path of [FREE_QUIZ, SEARCH]) {
    const tag = tagOf(await service.get(path));
    const answer = await service.get(path, { authorization: learner.authorization, 'if-none-match': tag });
    check(`${path} with a token and the tag of the anonymous: 200`, answer.status === 200);
  }
  const forged = await service.get(PREMIUM, { authorization: 'Bearer x' });
  check('a token that is none: 401 past the cache', forged.status === 401 && forged.cached === 'BYPASS');
}

async function keepsNoError(service: CachedService, check: Check): Promise<void> {
  for (const [path, status] of [
    ['/api/v1/chapters/there-is-none', 404],
    [PREMIUM, 401],
    [`${SEARCH}&limit=x`, 422],
  ] as const) {
    const answers = [await service.get(path), await service.get(path)];
    for (const { status: given, cached, headers } of answers)
      check(
        `${path}: ${status} from the service each time`,
        given === status && cached === 'MISS' && headers['cache-control'] === 'private, no-store',
      );
  }

  const spent: Answer[] = [];
  for (let n = 0; n < 11; n++)
    spent.push(await service.get(`${SEARCH}${n}`, { 'x-forwarded-for': `192.0.2.${n}` }, '127.0.0.3'));
  check('who forges addresses is counted by their own', spent.map(({ status }) => status).lastIndexOf(200) === 9);
  check('429 is not to be stored', spent[10].headers['cache-control'] === 'private, no-store');
  const other = await service.get(`${SEARCH}10`, {}, '127.0.0.4');
  check("somebody else does not get that client's 429", other.status === 200 && other.cached === 'MISS');
}

/** The medians in milliseconds. */
async function times(
  service: CachedService,
  { authorization }: Learner,
): Promise<{ fromCache: string; fromService: string }> {
  const median = async (headers: { authorization?: string }) => {
    const taken: number[] = [];
    for (let n = 0; n < 200; n++) {
      const began = performance.now();
      await service.get(FREE, headers);
      taken.push(performance.now() - began);
    }
    return quantile(taken, 0.5).toFixed(1);
  };
  return { fromCache: await median({}), fromService: await median({ authorization }) };
}

async function followsImports(service: CachedService, check: Check): Promise<{ purged: string; expired: string }> {
  await service.get(FREE);
  await service.importWith('01-why-types.md', FREE_WORD, 'ferry office');
  check('without a purge the old text is still served', decoded(await service.get(FREE)).includes(FREE_WORD));
  await delay(HEARD_WITHIN_MS);
  const purgedAt = performance.now();
  await service.purge();
  const fresh = await service.get(FREE);
  const purged = (performance.now() - purgedAt).toFixed(0);
  check('after a purge the new text is served', fresh.cached === 'MISS' && decoded(fresh).includes('ferry office'));
  check('and kept', (await service.get(FREE)).cached === 'HIT');

  await service.importWith('01-why-types.md', 'ferry office', 'railway office');
  const importedAt = performance.now();
  const seconds = () => (performance.now() - importedAt) / 1000;
  while (seconds() < S_MAXAGE_SECONDS + REFRESH_SECONDS) {
    if (decoded(await service.get(FREE)).includes('railway office')) break;
    await delay(POLL_MS);
  }
  const expired = seconds();
  check('where it is asked for, the new text is there after s-maxage', expired < S_MAXAGE_SECONDS + REFRESH_SECONDS);
  return { purged, expired: expired.toFixed(0) };
}

function tagOf({ headers }: Answer): string {
  return headers.etag ?? '"none"';
}

function decoded({ headers, body }: Answer): string {
  if (headers['content-encoding'] === 'br') return brotliDecompressSync(body).toString();
  return (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();
}
