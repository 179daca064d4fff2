/**
 * Imported before all else: the first process of a container does not even get a signal that it has no handler for, and
 * loading the program takes seconds where processors are busy. So a SIGTERM of that time is not lost, and ends
 * commands.
 */
process.on('SIGTERM', end);

function end(): never {
  process.exit(128 + 15);
}

/** From here on the application ends by itself. */
export function stopEndingOnSigterm(): void {
  process.off('SIGTERM', end);
}
