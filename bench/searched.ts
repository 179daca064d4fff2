import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Controller, Get } from '@nestjs/common';
import { createApp } from '../src/app.js';
import { Public } from '../src/auth/access.js';
import { loadConfig } from '../src/config/config.js';

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

class BenchModule {}

async function main(): Promise<void> {
  const config = loadConfig();
  const app = await createApp(config, [{ module: BenchModule, controllers: [BenchController] }]);
  await app.listen(config.port, config.host);
  console.log(await app.getUrl());
}

void main();
