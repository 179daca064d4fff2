import { stopEndingOnSigterm } from './common/early-end.js';
import { letYoungGenerationGrow } from './common/young-generation.js';
import cluster from 'node:cluster';
import { Logger } from '@nestjs/common';
import { createLogger } from './common/logger.js';
import { type Config, ConfigError, loadConfig } from './config/config.js';

/**
 * Beyond it a client's attempt to connect is dropped without a word and made again after a second or more. The system
 * may allow less.
 */
const MAX_WAITING_CONNECTIONS = 4096;

async function main(): Promise<void> {
  const config = loadConfig();
  if (config.workers === 1 || cluster.isWorker) return serve(config);
  const { Workers } = await import('./workers.js');
  stopEndingOnSigterm();
  new Workers(config.workers, createLogger(config)).run();
}

async function serve(config: Config): Promise<void> {
  const { createApp } = await import('./app.js');
  const app = await createApp(config);
  stopEndingOnSigterm();
  process.on('uncaughtException', (error) => {
    new Logger('Course Companion').fatal(error);
    process.exit(1);
  });
  await app.listen({ port: config.port, host: config.host, backlog: MAX_WAITING_CONNECTIONS });
  letYoungGenerationGrow();
  const url = (await app.getUrl()).replace(/0\.0\.0\.0|\[::1?\]/, '127.0.0.1');
  const logger = new Logger('Course Companion');
  logger.log(`API   ${url}/api/v1`);
  if (config.docsEnabled) logger.log(`Docs  ${url}/docs`);
}

main().catch((error: unknown) => {
  // A setting that cannot be used, or an address that is taken, says enough.
  const isExplained = error instanceof ConfigError || (error instanceof Error && 'syscall' in error);
  console.error(isExplained ? error.message : error);
  process.exit(1);
});
