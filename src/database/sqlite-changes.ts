import type { DataSource } from 'typeorm';
import type { ChangeChannel, ChangeListener } from './change-channel.js';

const LOOK_EVERY_MS = 200;

/**
 * Looks at `data_version`, which on one connection changes with every commit of another one, of this process or of any
 * other. It does not tell what was changed, so it may be anything.
 * @throws what the driver says if the database is not open
 */
export async function watchSqlite(
  reader: DataSource,
  listener: ChangeListener,
  onLost: (reason: string) => void,
): Promise<ChangeChannel> {
  let known = await dataVersion(reader);
  const look = async () => {
    const version = await dataVersion(reader);
    if (version !== known) {
      listener.user(null);
      listener.content();
    }
    known = version;
  };
  const timer = setInterval(() => {
    look().catch((error: Error) => {
      clearInterval(timer);
      onLost(error.message);
    });
  }, LOOK_EVERY_MS).unref();
  return { close: () => clearInterval(timer) };
}

async function dataVersion(reader: DataSource): Promise<number> {
  const [{ data_version }] = await reader.query<{ data_version: number }[]>('PRAGMA data_version');
  return data_version;
}
