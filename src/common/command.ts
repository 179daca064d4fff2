import type { INestApplicationContext } from '@nestjs/common';

/** Runs a command's work with the application, its database open, and closes both after it. */
export type WithApp = (work: (app: INestApplicationContext) => Promise<void>) => Promise<void>;

/** A command that could not do what it was asked; the message says why, and the exit code is 1. */
export class CommandError extends Error {}
