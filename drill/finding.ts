import { KIND_NAMES } from './deployment.js';

/** What a drill found out. */
export interface Finding {
  /** Whether what must hold held. */
  held: boolean;
  /** What was measured, in one line. */
  figure: string;
}

/** What was found on both databases at once. */
export function ofBoth(sqlite: Finding, postgres: Finding): Finding {
  return {
    held: sqlite.held && postgres.held,
    figure: `${KIND_NAMES.sqlite}: ${sqlite.figure}; ${KIND_NAMES.postgres}: ${postgres.figure}`,
  };
}
