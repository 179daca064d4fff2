import { type BlockList, isIPv6 } from 'node:net';
import { Inject, Injectable } from '@nestjs/common';
import { ThrottlerStorage } from '@nestjs/throttler';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../common/errors.js';
import { andThen, type MaybePromise } from '../common/maybe-promise.js';
import { type CountedLimit, requestContext } from '../common/request-context.js';
import { Config } from '../config/config.js';
import { Metrics } from '../metrics/metrics.js';
import { clientAddress, countedAddress } from './client-address.js';
import type { CountedRequests, LimitStorage } from './limit-storage.js';
import { LIMITS, type LimitName } from './limits.js';

/** An address that many learners share may send so many times as much as another one. */
const SHARED_EGRESS_FACTOR = 20;

/** Who is counted, and how many requests it may send in a window. */
export interface Tracked {
  key: string;
  points: number;
}

/** Counts requests against the limits, and tells who is over one. */
@Injectable()
export class LimitsService {
  private readonly sharedEgress: BlockList | null;

  constructor(
    @Inject(ThrottlerStorage) private readonly storage: LimitStorage,
    private readonly config: Config,
    private readonly metrics: Metrics,
  ) {
    this.sharedEgress = config.sharedEgress;
  }

  /** A user, to be counted. */
  user(name: LimitName, userId: string): Tracked {
    return { key: `user:${userId}`, points: this.config.limit(name).points };
  }

  /** An address, to be counted; one that many learners share may send more. */
  address(name: LimitName, address: string): Tracked {
    const isShared = this.sharedEgress?.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
    const { points } = this.config.limit(name);
    return { key: `address:${countedAddress(address)}`, points: isShared ? points * SHARED_EGRESS_FACTOR : points };
  }

  /** Who sends a request, to be counted: the user or the address, as the limit's rule says. */
  sender(name: LimitName, request: FastifyRequest): Tracked {
    return LIMITS[name].per === 'caller' && request.caller
      ? this.user(name, request.caller.userId)
      : this.address(name, clientAddress(request));
  }

  /** Whatever has this key, to be counted. */
  key(name: LimitName, key: string): Tracked {
    return { key, points: this.config.limit(name).points };
  }

  /** Counts a request, at once where there is no Redis, and has the answer's headers tell of it. */
  count(name: LimitName, tracked: Tracked, context = requestContext.getStore()): MaybePromise<CountedLimit> {
    const requests = this.storage.count(tracked.key, this.windowMs(name), tracked.points, name);
    return andThen(requests, (found) => {
      const counted = toCounted(name, tracked, found);
      context?.limits.push(counted);
      return counted;
    });
  }

  /** Counts a request, as `count` does. @throws {AppError} RATE_LIMIT_EXCEEDED if the limit was spent before */
  take(name: LimitName, tracked: Tracked, context = requestContext.getStore()): MaybePromise<CountedLimit> {
    return andThen(this.count(name, tracked, context), (counted) => this.within(counted));
  }

  /** Counts a request, as `take` does, with those of its sender. */
  takeFrom(name: LimitName, request: FastifyRequest): MaybePromise<CountedLimit> {
    return this.take(name, this.sender(name, request), request.context ?? undefined);
  }

  /** Counts a request against what holds for every route. What a request asks this process for is a part of it. */
  takeFlood(request: FastifyRequest): MaybePromise<CountedLimit | null> {
    return request.context?.outer ? null : this.takeFrom('FLOOD', request);
  }

  private within(counted: CountedLimit): CountedLimit {
    if (counted.used > counted.limit) throw this.exceeded(counted);
    return counted;
  }

  /** What is thrown where a limit is spent. */
  exceeded({ name, retryAfter }: CountedLimit): AppError {
    this.metrics.limitRefusals.inc({ limit: name });
    return name === 'QUIZZES_SUBMIT'
      ? new AppError('QUIZ_SUBMISSION_LIMIT_EXCEEDED', 'You have submitted too many quizzes', { retryAfter })
      : new AppError('RATE_LIMIT_EXCEEDED', 'You have asked too often', { retryAfter });
  }

  /** Takes a counted request back, unless its window is over. */
  async refund(counted: CountedLimit): Promise<void> {
    counted.used--;
    // `resetAt` is rounded up. After it another window may have begun, which this request is not of.
    if (Date.now() / 1000 < counted.resetAt - 1) {
      const { key, name, limit, isShared } = counted;
      await this.storage.refund(key, this.windowMs(name), limit, name, isShared);
    }
  }

  /**
   * Counts a request that was over its limit once more, as others may have been refunded since.
   * @returns whether it is within the limit now
   */
  async countAgain(counted: CountedLimit): Promise<boolean> {
    await this.refund(counted);
    const { name, key, limit } = counted;
    const found = await this.storage.count(key, this.windowMs(name), limit, name);
    Object.assign(counted, toCounted(name, { key, points: limit }, found));
    return counted.used <= counted.limit;
  }

  /** Forgets all that was counted with this key. */
  async forget(name: LimitName, key: string): Promise<void> {
    const { points } = this.config.limit(name);
    await this.storage.forget(key, this.windowMs(name), points, name);
  }

  /** Takes the current request out of the count of limits that count successes alone, as it has done nothing. */
  async exempt(): Promise<void> {
    await this.settleFailure(requestContext.getStore()?.limits ?? []);
  }

  /** After a request has failed: refunds what counts successes alone. */
  async settleFailure(counted: CountedLimit[]): Promise<void> {
    const failed = counted.filter(({ name }) => LIMITS[name].refundsFailures);
    await Promise.all(failed.map((item) => this.refund(item)));
  }

  /** The length of the limit's window in milliseconds. */
  private windowMs(name: LimitName): number {
    return this.config.limit(name).seconds * 1000;
  }
}

function toCounted(
  name: LimitName,
  { key, points: limit }: Tracked,
  { points: used, expiresAt, isShared }: CountedRequests,
): CountedLimit {
  const retryAfter = Math.max(1, Math.ceil((expiresAt - Date.now()) / 1000));
  return { name, key, limit, used, retryAfter, resetAt: Math.ceil(expiresAt / 1000), isShared };
}
