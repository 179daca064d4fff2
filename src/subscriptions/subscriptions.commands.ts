import type { INestApplicationContext } from '@nestjs/common';
import type { Command } from 'commander';
import { CommandError, print, type WithApp } from '../common/command.js';
import { MOMENT_RULE, readMoment } from './moment.js';
import { UsersService } from '../users/users.service.js';
import { PLAN_TYPES } from './plans.js';
import { SubscriptionsService } from './subscriptions.service.js';

/** The operator's commands for plans. `withApp` lends the application, its database open, to what needs it. */
export function subscriptionCommands(program: Command, withApp: WithApp): void {
  const subscriptions = program.command('subscriptions').description("list and set users' plans");
  subscriptions
    .command('list')
    .description('list the plans that users have now')
    .action(() => withApp(list));
  subscriptions
    .command('set')
    .description('give a user a plan in the place of the one before')
    .argument('<email>', "the user's email")
    .argument('<plan>', PLAN_TYPES.join(', '))
    .option('--until <date>', 'when it ends: a date (midnight UTC) or a date and time; without it, it has no end')
    .action((email: string, plan: string, { until }: { until?: string }) =>
      withApp((app) => set(app, email, plan, until)),
    );
}

async function list(app: INestApplicationContext): Promise<void> {
  const users = new Map((await app.get(UsersService).list()).map(({ id, email }) => [id, email]));
  const plans = await app.get(SubscriptionsService).list();
  if (plans.length === 0) print('Nobody has a plan yet.');
  for (const { userId, planType, endDate, cancelledAt } of plans) {
    const end = endDate ? `until ${endDate.toISOString()}` : 'without end';
    print([users.get(userId) ?? userId, planType, end, cancelledAt ? 'cancelled' : ''].filter(Boolean).join('  '));
  }
}

async function set(app: INestApplicationContext, email: string, plan: string, until?: string): Promise<void> {
  const planType = PLAN_TYPES.find((name) => name === plan);
  if (!planType) throw new CommandError(`The plan must be one of ${PLAN_TYPES.join(', ')}`);
  const endDate = until === undefined ? null : readMoment(until);
  if (until !== undefined && !endDate) throw new CommandError(`--until ${MOMENT_RULE}`);
  const user = await app.get(UsersService).getByEmail(email);
  const { plan_type, end_date } = await app.get(SubscriptionsService).set(user.id, planType, endDate);
  print(`${user.email} has ${plan_type} ${end_date ? `until ${end_date.toISOString()}` : 'without end'}`);
}
