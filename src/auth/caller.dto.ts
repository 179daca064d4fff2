import { Matches } from 'class-validator';
import { ID_PATTERN, ID_RULE } from '../common/ids.js';
import { Optional } from '../common/optional.js';

/** What the body of every private route may hold, beside what it is for. */
export class CallerDto {
  /** The caller, if it is sent at all. */
  @Optional()
  @Matches(ID_PATTERN, { message: ID_RULE })
  user_id?: string;
}
