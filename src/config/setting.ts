/** How an environment variable is read: its text as a `T`, and as `Unset` where there is none. */
export class Setting<T, Unset extends T | undefined = undefined> {
  private constructor(
    /** What the text has to be, such as `must be true or false`. */
    readonly rule: string,
    /** Gives null for a text that breaks the rule. */
    readonly read: (text: string) => T | null,
    readonly unset: Unset,
  ) {}

  static of<T>(rule: string, read: (text: string) => T | null): Setting<T> {
    return new Setting(rule, read, undefined);
  }

  default(unset: T): Setting<T, T> {
    return new Setting(this.rule, this.read, unset);
  }
}

export const text = matching('must be a text', () => true);

export const flag = Setting.of('must be true or false', (given) =>
  /^(true|false)$/.test(given) ? given === 'true' : null,
);

/** A text of a certain form. */
export function matching(rule: string, isRight: (given: string) => boolean): Setting<string> {
  return Setting.of(rule, (given) => (isRight(given) ? given : null));
}

export function number(rule: string, isRight: (given: string) => boolean): Setting<number> {
  return Setting.of(rule, (given) => (isRight(given) ? Number(given) : null));
}

export function wholeNumber(min: number, max: number): Setting<number> {
  const isRight = (given: string) => /^\d{1,9}$/.test(given) && Number(given) >= min && Number(given) <= max;
  return number(`must be a whole number from ${min} to ${max}`, isRight);
}

export function oneOf<const T extends string>(rule: string, choices: readonly T[]): Setting<T> {
  return Setting.of(rule, (given) => choices.find((choice) => choice === given) ?? null);
}

/** Items between commas, of which those that are empty do not count. */
export function listOf(rule: string, isRight: (item: string) => boolean): Setting<string[]> {
  return Setting.of(rule, (given) => {
    const items = given.split(',').map((item) => item.trim());
    const filled = items.filter((item) => item !== '');
    return filled.every(isRight) ? filled : null;
  });
}

/** What settings are read as. */
export type ValuesOf<Settings> = {
  [Name in keyof Settings]: Settings[Name] extends Setting<infer T, infer Unset> ? T | Unset : never;
};

/**
 * Reads the variable of each setting's name; others are left aside.
 * @returns null for the values where one of them cannot be read, and a line for each rule that is broken
 */
export function readSettings<Settings extends Record<string, Setting<unknown, unknown>>>(
  settings: Settings,
  variables: Record<string, string | undefined>,
): { values: ValuesOf<Settings> | null; problems: string[] } {
  const problems: string[] = [];
  const values = Object.entries(settings).map(([name, { rule, read, unset }]) => {
    const given = variables[name];
    const value = given === undefined ? unset : read(given);
    if (value === null) problems.push(`${name} ${rule}`);
    return [name, value] as const;
  });
  return { values: problems.length > 0 ? null : (Object.fromEntries(values) as ValuesOf<Settings>), problems };
}
