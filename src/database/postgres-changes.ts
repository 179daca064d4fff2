import { Client } from 'pg';
import { inTime } from '../common/in-time.js';
import type { ChangeChannel, ChangeListener } from './change-channel.js';

/**
 * Triggers notify it of the id of every user whose account or plan changes; an empty one, after a restore, is
 * everyone's.
 */
const USER_CHANGES = 'user_changed';

/** Triggers notify it of every transaction that changes content. */
const CONTENT_CHANGES = 'content_changed';

/** What has to be notified where anything may have changed and no trigger tells of it. */
export const CHANGE_CHANNELS = [USER_CHANGES, CONTENT_CHANGES];

const HEARTBEAT_MS = 400;
const ANSWER_WITHIN_MS = 300;

/**
 * Listens on a connection of its own. PostgreSQL notifies when the change is committed; a heartbeat finds out whether
 * the connection still lives, as a dead one says nothing.
 * @throws what the driver says if the database cannot be reached
 */
export async function listenInPostgres(
  url: string,
  listener: ChangeListener,
  onLost: (reason: string) => void,
): Promise<ChangeChannel> {
  const client = new Client({
    connectionString: url,
    application_name: 'course-companion-changes',
    connectionTimeoutMillis: 2000,
  });
  let heartbeat: NodeJS.Timeout | undefined = undefined;
  let isClosed = false;
  const close = () => {
    isClosed = true;
    clearInterval(heartbeat);
    void client.end().catch(() => undefined);
  };
  // Told once: what the client has to say after that must not end the channel that has taken its place.
  const lose = ({ message }: Error) => {
    if (isClosed) return;
    close();
    onLost(message);
  };
  client.on('error', lose);
  client.on('end', () => lose(new Error('the connection has ended')));
  client.on('notification', ({ channel, payload }) => {
    if (channel === CONTENT_CHANGES) listener.content();
    else listener.user(payload || null);
  });
  try {
    await client.connect();
    await inTime(ANSWER_WITHIN_MS, client.query(CHANGE_CHANNELS.map((channel) => `LISTEN ${channel}`).join('; ')));
    if (isClosed) throw new Error('the connection has ended');
  } catch (error) {
    close();
    throw error;
  }
  const beat = () => inTime(ANSWER_WITHIN_MS, client.query('SELECT 1')).catch(lose);
  heartbeat = setInterval(() => void beat(), HEARTBEAT_MS).unref();
  return { close };
}
