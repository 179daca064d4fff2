import type { Type } from '@nestjs/common';
import { createApp } from '../src/app.js';
import { loadConfig } from '../src/config/config.js';

class BenchModule {}

/** Serves the application with one more controller, and prints the address that it listens on. */
export async function serve(controller: Type): Promise<void> {
  const config = loadConfig();
  const app = await createApp(config, [{ module: BenchModule, controllers: [controller] }]);
  await app.listen(config.port, config.host);
  console.log(await app.getUrl());
}
