import { Injectable, Logger } from '@nestjs/common';
import { Metrics } from '../metrics/metrics.js';

/** What may happen to an account or a session, as operators find it in the log and in the metrics. */
export type AuthEvent =
  | 'registered'
  | 'signed_in'
  | 'sign_in_failed'
  | 'sign_in_refused'
  | 'signed_out'
  | 'token_refreshed'
  | 'refresh_token_reused'
  | 'password_changed'
  | 'password_reset'
  | 'app_connected'
  | 'account_exported'
  | 'account_deleted';

/** Events that somebody should look at when there are many. */
const SUSPICIOUS: AuthEvent[] = ['sign_in_failed', 'sign_in_refused', 'refresh_token_reused'];

/** Records what happens to accounts and sessions: who, never with which name, password or token. */
@Injectable()
export class AuthEvents {
  private readonly logger = new Logger('Auth');

  constructor(private readonly metrics: Metrics) {}

  /** @param userId null where the account does not exist, which only the log is told */
  record(event: AuthEvent, userId: string | null, details: { address?: string; clientId?: string } = {}): void {
    this.metrics.authEvents.inc({ event });
    const level = SUSPICIOUS.includes(event) ? 'warn' : 'log';
    const { address, clientId } = details;
    this.logger[level]({ event: `auth.${event}`, user_id: userId, address, client_id: clientId });
  }
}
