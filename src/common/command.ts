import type { INestApplicationContext } from '@nestjs/common';

/** Runs a command's work with the application, its database open, and closes both after it. */
export type WithApp = (work: (app: INestApplicationContext) => Promise<void>) => Promise<void>;

/** A command that could not do what it was asked; the message says why, and the exit code is 1. */
export class CommandError extends Error {}

/** Prints what authors, users and files gave without letting it steer the terminal. */
export function print(line: string, stream: NodeJS.WriteStream = process.stdout): void {
  stream.write(`${line.replace(/\p{Cc}/gu, '\ufffd')}\n`);
}
