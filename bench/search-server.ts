import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Controller, Get } from '@nestjs/common';
import { Public } from '../src/auth/access.js';
import { serve } from './serve.js';

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();

/** Tells how long the event loop was blocked at the most since it was asked before. */
@Controller()
class BenchController {
  @Get('health/blocked')
  @Public()
  blocked(): object {
    const longest = delay.max / 1e6;
    delay.reset();
    return { milliseconds: longest };
  }
}

void serve(BenchController);
