import type { Answer, Arguments } from './ask.js';
import type { JsonSchema } from './schemas.js';

/** Asks an operation for the client that calls a tool. @throws {AppError} what it refuses with */
export type Ask = <T>(operationId: string, args: Arguments) => Promise<Answer<T>>;

/** Something that a model can do for a learner, made of operations of the REST API. */
export interface Tool {
  name: string;
  title: string;
  /** For a model that chooses: when to use it, and what it answers. */
  description: string;
  /**
   * The operationIds of all that it may ask: what they take, who may ask them and what they change, holds for the tool.
   */
  operations: string[];
  /** What a model is told of each argument; its form is that of the operation's own parameter or field. */
  arguments: Record<string, string>;
  /** Whether doing it again changes nothing more, where it changes something at all. */
  isIdempotent?: boolean;
  /** @param of the schema of an operation's answer */
  output(of: (operationId: string) => JsonSchema): JsonSchema;
  /** What it answers holds at least what its schema tells; the rest is left out. */
  run(args: Arguments, ask: Ask): Promise<object>;
}

/** A tool that is one operation. */
export function toolOf(
  operationId: string,
  tool: Pick<Tool, 'name' | 'title' | 'description' | 'arguments' | 'isIdempotent'>,
): Tool {
  return {
    ...tool,
    operations: [operationId],
    output: (of) => of(operationId),
    run: async (args, ask) => (await ask<object>(operationId, args)).body,
  };
}
