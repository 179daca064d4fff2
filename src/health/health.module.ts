import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HybridModule } from '../hybrid/hybrid.module.js';
import { ContentModule } from '../content/content.module.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { RootController } from './root.controller.js';
import { Shutdown } from './shutdown.js';

@Module({
  imports: [TerminusModule.forRoot({ logger: false }), ContentModule, HybridModule],
  controllers: [HealthController, RootController],
  providers: [HealthService, Shutdown],
})
export class HealthModule {}
