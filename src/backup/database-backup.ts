/** How one kind of database is written to a file and brought back from it. */
export interface DatabaseBackup {
  /** What it is called in messages. */
  readonly name: string;
  /** How the names of its files end. */
  readonly ending: string;
  /** What its files begin with. */
  readonly signature: Buffer;

  /**
   * Writes what is stored at one moment into `file`, which is there and empty, while others go on writing. What else it
   * needs it puts beside it.
   */
  write(file: string, signal: AbortSignal): Promise<void>;

  /**
   * Reads the file to its end.
   * @returns the migrations that its database has had, oldest first
   * @throws {BackupError} if anything in it cannot be read
   */
  read(file: string, signal: AbortSignal): Promise<string[]>;

  /** Whether there is nothing that a restore would take away. */
  isEmpty(): Promise<boolean>;

  /**
   * Puts the file's contents in the place of all that is stored; if it fails, what was there stays.
   * @param accept is told the migrations that the file's database has had, and throws where it is not to be put there
   * @returns the migrations that the database now has had, oldest first
   */
  restore(file: string, accept: (migrations: string[]) => void, signal: AbortSignal): Promise<string[]>;
}
