import { failedLogins, medianMs } from '../bench/logins.js';
import { Deployment, type Kind } from './deployment.js';
import type { Finding } from './finding.js';
import { Learner } from './learner.js';

/** The medians differ by a tenth at the most. */
const MOST_DIFFERENCE = 0.1;

/** Whether the time that a failed login takes tells if there is such an account. bcrypt's cost is the default one. */
export async function loginTimes(kind: Kind): Promise<Finding> {
  const deployment = await Deployment.prepare(kind);
  const server = await deployment.serve({ BCRYPT_COST: '12' });
  const { email } = await Learner.register(server.url);
  const { known, unknown } = await failedLogins(server.url, email);
  const [one, other] = [medianMs(known), medianMs(unknown)];
  const areAlike = Math.abs(one / other - 1) < MOST_DIFFERENCE;
  return {
    held: areAlike && [...known, ...unknown].every(({ status }) => status === 401),
    figure:
      `medians of ${known.length}: known account ${one.toFixed(1)} ms, unknown ${other.toFixed(1)} ms, ` +
      `ratio ${(one / other).toFixed(3)}`,
  };
}
