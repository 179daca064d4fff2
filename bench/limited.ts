import { Controller, Get } from '@nestjs/common';
import { createApp } from '../src/app.js';
import { loadConfig } from '../src/config/config.js';
import { Limit } from '../src/limits/limit.js';

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

class BenchModule {}

async function main(): Promise<void> {
  const config = loadConfig();
  const app = await createApp(config, [{ module: BenchModule, controllers: [BenchController] }]);
  await app.listen(config.port, config.host);
  console.log(await app.getUrl());
}

void main();
