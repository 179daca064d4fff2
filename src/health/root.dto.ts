import { VERSION } from '../common/project.js';
import type { Config } from '../config/config.js';

export class ServiceLinksDto {
  /** @example "/api/v1" */
  api: string;

  /** @example "/health" */
  health: string;

  /** @example "/docs" */
  docs?: string;

  /** @example "/redoc" */
  redoc?: string;

  /** @example "/openapi.json" */
  openapi?: string;
}

export class ServiceDto {
  /** @example "Course Companion" */
  name: string;

  /** @example "0.1.0" */
  version: string;

  /** Where to go on from here; the documentation is left out where it is switched off. */
  links: ServiceLinksDto;
}

export function toServiceDto({ docsEnabled }: Config): ServiceDto {
  const docs = { docs: '/docs', redoc: '/redoc', openapi: '/openapi.json' };
  return {
    name: 'Course Companion',
    version: VERSION,
    links: { api: '/api/v1', health: '/health', ...(docsEnabled && docs) },
  };
}
