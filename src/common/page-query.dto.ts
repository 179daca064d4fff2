import { MAX_OFFSET, QueryInteger } from './pagination.js';

/** `limit` and `offset`, as every list understands them. */
export class PageQuery {
  /** How many items at the most. */
  @QueryInteger({ min: 1, max: 200 })
  limit: number = 50;

  /** How many items to pass over. */
  @QueryInteger({ min: 0, max: MAX_OFFSET })
  offset: number = 0;
}
