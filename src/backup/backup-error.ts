import { CommandError } from '../common/command.js';

/** A backup that could not be made, read or put back; the message says why and names no secret. */
export class BackupError extends CommandError {}

/** Someone else has this backup, or is making it. */
export class BackupTakenError extends BackupError {}
