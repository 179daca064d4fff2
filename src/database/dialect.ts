import type { DataSource } from 'typeorm';

export function isPostgres({ options }: DataSource): boolean {
  return options.type === 'postgres';
}
