/** What the name of a backup says: when it was begun, to the second and in UTC, and of which kind it is. */
const NAME = /^course-companion-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z(\.sqlite\.gz|\.dump)$/;

export function backupName(at: Date, ending: string): string {
  return `course-companion-${at.toISOString().replace(/\.\d+|[-:]/g, '')}${ending}`;
}

/** Null if the name is not one of ours. */
export function readBackupName(name: string): { at: Date; ending: string } | null {
  const [, year, month, day, hour, minute, second, ending] = NAME.exec(name) ?? [];
  if (ending === undefined) return null;
  return { at: new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`), ending };
}

/** The folder beside a backup in which it is made; it begins with a dot, so that nothing takes it for a backup. */
export function workplaceName(name: string): string {
  return `.${name}.making`;
}

/** Whose workplace it is, if it is that of one of our own names. */
export function readWorkplaceName(name: string): { at: Date } | null {
  return name.startsWith('.') && name.endsWith('.making') ? readBackupName(name.slice(1, -'.making'.length)) : null;
}
