import { createHmac, randomUUID } from 'node:crypto';
import { compare } from 'bcrypt';
import type { FastifyInstance } from 'fastify';
import { newRefreshToken, writeRefreshToken } from '../../src/auth/refresh-token.js';
import { hashSecret } from '../../src/common/secret.js';
import { SETTINGS } from '../settings.js';
import type { Sql } from './sql.js';
import { signToken } from './token.js';

const USER = 'SELECT id, password_hash, token_version FROM users WHERE canonical_email = :login AND is_active';

const SESSION = `
  INSERT INTO sessions (id, user_id, token_hash, token_version, address_hash, created_at, expires_at)
  VALUES (:id, :user, :hash, :version, :address, :at, :until)`;

const ACCESS_S = 1800;
const REFRESH_MS = 7 * 86_400_000;

interface UserRow {
  id: string;
  password_hash: string;
  token_version: number;
}

/**
 * A login: the user read, the password compared, the session stored, a token signed; whoever fails, fails as often as
 * they like.
 */
export function serveLogin(server: FastifyInstance, sql: Sql): void {
  server.post<{ Body: { login: string; password: string } }>('/api/v1/auth/login', async ({ body, ip }, reply) => {
    const [user] = await sql.read<UserRow>(USER, { login: body.login });
    if (!user || !(await compare(digest(body.password), user.password_hash))) return reply.status(401).send();
    const token = newRefreshToken();
    const now = new Date();
    await sql.write([SESSION], {
      id: token.sessionId,
      user: user.id,
      hash: hashSecret(token.secret),
      version: user.token_version,
      address: createHmac('sha256', SETTINGS.SECRET_KEY).update(`${user.id} ${ip}`).digest('base64url'),
      at: sql.stored(now),
      until: sql.stored(new Date(now.getTime() + REFRESH_MS)),
    });
    return {
      access_token: signToken(user.id, ACCESS_S, randomUUID()),
      refresh_token: writeRefreshToken(token, SETTINGS.SECRET_KEY),
      token_type: 'bearer',
      expires_in: ACCESS_S,
    };
  });
}

/** What of a password is hashed, as in src/auth/passwords.ts. */
function digest(password: string): string {
  return createHmac('sha384', 'course-companion password').update(password.normalize('NFC')).digest('base64');
}
