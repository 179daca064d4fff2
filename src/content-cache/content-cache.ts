import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { VERSION } from '../common/project.js';
import { Config } from '../config/config.js';
import { Metrics } from '../metrics/metrics.js';
import { Redis } from '../redis/redis.js';
import { CachedAnswer } from './cached-answer.js';
import { ContentRevision } from './content-revision.js';

/** Answers under a revision that is over are never asked for again; after this time Redis forgets them. */
const IN_REDIS_S = 600;
/** Larger answers are not worth the way to Redis. */
const MAX_REDIS_BYTES = 512 * 1024;

const FROM_MEMORY = { result: 'memory' };

/**
 * Public answers, by the revision of the content that they tell of: in this process's memory and, where there is one,
 * in Redis, which all instances share. Of requests that miss the same answer at once, one makes it.
 */
@Injectable()
export class ContentCache {
  private readonly memory: LRUCache<string, CachedAnswer> | null;
  private readonly logger = new Logger('ContentCache');
  private readonly underWay = new Map<string, Promise<CachedAnswer | null>>();

  constructor(
    private readonly revision: ContentRevision,
    private readonly redis: Redis,
    private readonly config: Config,
    private readonly metrics: Metrics,
  ) {
    const maxSize = config.cacheMemoryBytes;
    this.memory = maxSize === 0 ? null : new LRUCache({ maxSize, sizeCalculation: ({ bytes }) => bytes });
    metrics.whenRead(metrics.cacheBytes, () => metrics.cacheBytes.set(this.memory?.calculatedSize ?? 0));
  }

  /** The answer to a request if it is in memory. */
  find(asked: string): CachedAnswer | undefined {
    const { known } = this.revision;
    return known === null ? undefined : this.findInMemory(`${known} ${asked}`);
  }

  /**
   * The answer to a request, from where it is known, else as `make` makes it.
   * @param asked names the request and the class of readers that it comes from
   * @param make gives null where the answer turns out not to be public; nothing is kept then
   */
  async get(asked: string, make: () => Promise<CachedAnswer | null>): Promise<CachedAnswer | null> {
    const revision = await this.revision.current();
    const key = `${revision} ${asked}`;
    const known = this.findInMemory(key);
    if (known) return known;
    const joined = this.underWay.get(key);
    if (joined) {
      this.metrics.cacheReads.inc({ result: 'joined' });
      return joined;
    }
    const found = this.readOrMake(key, revision, make).finally(() => this.underWay.delete(key));
    this.underWay.set(key, found);
    return found;
  }

  private findInMemory(key: string): CachedAnswer | undefined {
    const found = this.memory?.get(key);
    if (found) this.metrics.cacheReads.inc(FROM_MEMORY);
    return found;
  }

  private async readOrMake(
    key: string,
    revision: string,
    make: () => Promise<CachedAnswer | null>,
  ): Promise<CachedAnswer | null> {
    const shared = await this.readRedis(key);
    this.metrics.cacheReads.inc({ result: shared ? 'redis' : 'miss' });
    const answer = shared ?? (await make());
    // What was read while the content changed may be of both states.
    if (!answer || (await this.revision.current()) !== revision) return answer;
    this.memory?.set(key, answer);
    if (!shared) this.writeRedis(key, answer);
    return answer;
  }

  private async readRedis(key: string): Promise<CachedAnswer | null> {
    const stored = await this.redis.ask('get content', (client) => client.getBuffer(this.redisKey(key)));
    return stored && CachedAnswer.fromBuffer(stored);
  }

  /** Nobody waits for it. */
  private writeRedis(key: string, answer: CachedAnswer): void {
    if (!this.redis.isUsable || answer.representation.identity.length > MAX_REDIS_BYTES) return;
    void answer
      .toBuffer()
      .then((stored) =>
        this.redis.ask('set content', (client) => client.set(this.redisKey(key), stored, 'EX', IN_REDIS_S)),
      )
      .catch((error: Error) => this.logger.warn(error));
  }

  /** The version is in it, as another one may answer in another form. */
  private redisKey(key: string): string {
    const hash = createHash('sha256').update(`${VERSION} ${key}`).digest('base64url');
    return `${this.config.redisPrefix}content:${hash}`;
  }
}
