/** Something about a package that its author should know. An error stops the import; a warning does not. */
export interface Problem {
  severity: 'error' | 'warning';
  /** The file, relative to the package's folder; empty for the package as a whole. */
  file: string;
  /** From 1; absent where the whole file is meant. */
  line?: number;
  message: string;
}

export function error(file: string, line: number | undefined, message: string): Problem {
  return { severity: 'error', file, line, message };
}

export function warning(file: string, line: number | undefined, message: string): Problem {
  return { severity: 'warning', file, line, message };
}

export function hasErrors(problems: Problem[]): boolean {
  return problems.some(({ severity }) => severity === 'error');
}
