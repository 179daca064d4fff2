const names = new Map<string, string>();

/** Gives a statement a name, under which PostgreSQL keeps it for as long as a connection lasts. */
export function nameStatement(text: string): void {
  if (!names.has(text)) names.set(text, `statement_${names.size + 1}`);
}

/** What the driver is to be sent for a statement: its name too, where it has one. */
export function withName(text: unknown): unknown {
  const name = typeof text === 'string' ? names.get(text) : undefined;
  return name === undefined ? text : { name, text };
}
