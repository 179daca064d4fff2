import { Injectable } from '@nestjs/common';

/** What time it is; a test may say so. */
@Injectable()
export class Clock {
  now(): Date {
    return new Date();
  }

  /** The moment so many seconds from now. */
  in(seconds: number): Date {
    return new Date(this.now().getTime() + seconds * 1000);
  }
}
