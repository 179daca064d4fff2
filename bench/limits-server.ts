import { Controller, Get } from '@nestjs/common';
import { Limit } from '../src/limits/limit.js';
import { serve } from './serve.js';

const ANSWER = { answer: 'the same for both' };

/** Two private routes that differ in their limits alone: nothing below /health is counted. */
@Controller()
class BenchController {
  @Get('bench')
  @Limit('PROGRESS_READ')
  limited(): object {
    return ANSWER;
  }

  @Get('health/bench')
  unlimited(): object {
    return ANSWER;
  }
}

void serve(BenchController);
