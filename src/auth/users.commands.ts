import { text } from 'node:stream/consumers';
import type { INestApplicationContext } from '@nestjs/common';
import { isEmail } from 'class-validator';
import { type Command, Option } from 'commander';
import { read } from 'read';
import { isStorableText } from '../common/text.js';
import { CommandError, print, type WithApp } from '../common/command.js';
import { EMAIL_OPTIONS, MAX_EMAIL_CHARACTERS, USERNAME_PATTERN, USERNAME_RULE } from '../users/identity.js';
import type { User } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';
import { AuthService } from './auth.service.js';
import { passwordProblem } from './new-password.js';
import { PasswordResets } from './password-resets.js';
import { Passwords } from './passwords.js';

const ROLES = ['learner', 'admin'] as const;

interface NewUserFlags {
  email: string;
  username: string;
  role: User['role'];
}

/** The operator's commands for accounts. `withApp` lends the application, its database open, to what needs it. */
export function userCommands(program: Command, withApp: WithApp): void {
  const users = program.command('users').description('create, list, change and remove accounts');
  /** A command about the one account that an email names. */
  const forUser = (
    name: string,
    description: string,
    work: (app: INestApplicationContext, user: User) => Promise<void>,
  ) =>
    users
      .command(name)
      .description(description)
      .argument('<email>', "the user's email")
      .action((email: string) => withApp(async (app) => work(app, await app.get(UsersService).getByEmail(email))));

  users
    .command('create')
    .description('create an account; the password is asked for, or read from the standard input')
    .requiredOption('--email <email>', 'its email')
    .requiredOption('--username <username>', 'its username')
    .addOption(new Option('--role <role>', 'its role').choices(ROLES).default('learner'))
    .action((flags: NewUserFlags) => withApp((app) => create(app, flags)));
  users
    .command('list')
    .description('list the accounts')
    .action(() => withApp((app) => list(app.get(UsersService))));
  forUser('disable', 'close an account until it is enabled again; its tokens stop working', (app, user) =>
    setActive(app, user, false),
  );
  forUser('enable', 'open a disabled account again', (app, user) => setActive(app, user, true));
  users
    .command('set-role')
    .description("change an account's role")
    .argument('<email>', "the user's email")
    .argument('<role>', ROLES.join(' or '))
    .action((email: string, role: string) => withApp((app) => setRole(app, email, role)));
  forUser('reset-link', 'make a token with which the user can set a new password within an hour', offerReset);
  forUser('export', 'print all that is stored of the user, as JSON', async (app, user) => {
    process.stdout.write(`${JSON.stringify(await app.get(AuthService).exportMe(user.id), null, 2)}\n`);
  });
  forUser('delete', 'delete an account and all that is stored of the user', async (app, user) => {
    await app.get(UsersService).remove(user.id);
    print(`deleted ${user.email}`);
  });
}

async function create(app: INestApplicationContext, { email, username, role }: NewUserFlags): Promise<void> {
  if (!isEmail(email, EMAIL_OPTIONS) || email.length > MAX_EMAIL_CHARACTERS)
    throw new CommandError(`'${email}' is not an email`);
  if (!USERNAME_PATTERN.test(username)) throw new CommandError(`The username ${USERNAME_RULE}`);
  const password = await askPassword();
  const problem = isStorableText(password) ? await passwordProblem(password) : 'must be text';
  if (problem) throw new CommandError(`The password ${problem}`);
  const passwordHash = await app.get(Passwords).hash(password);
  const user = await app.get(UsersService).create({ email, username, role, passwordHash });
  print(`created ${user.email} (${user.role}), id ${user.id}`);
}

/** From the terminal without showing it, or the first line of the standard input. */
async function askPassword(): Promise<string> {
  if (process.stdin.isTTY) {
    return read({ prompt: 'Password: ', silent: true }).catch(({ message }: Error) => {
      throw new CommandError(message);
    });
  }
  return (await text(process.stdin)).split(/\r?\n/, 1)[0];
}

async function list(users: UsersService): Promise<void> {
  const all = await users.list();
  if (all.length === 0) print('There is no user yet.');
  for (const { email, username, role, isActive, createdAt } of all) {
    print([email, username, role, isActive ? 'active' : 'disabled', createdAt.toISOString()].join('  '));
  }
}

async function setActive(app: INestApplicationContext, user: User, isActive: boolean): Promise<void> {
  await app.get(UsersService).update(user.id, { isActive });
  print(`${user.email} is ${isActive ? 'enabled' : 'disabled'}`);
}

async function setRole(app: INestApplicationContext, email: string, role: string): Promise<void> {
  const known = ROLES.find((name) => name === role);
  if (!known) throw new CommandError(`The role must be ${ROLES.join(' or ')}`);
  const users = app.get(UsersService);
  const user = await users.getByEmail(email);
  await users.update(user.id, { role: known });
  print(`${user.email} is now ${known}`);
}

async function offerReset(app: INestApplicationContext, user: User): Promise<void> {
  const token = await app.get(PasswordResets).offer(user.id);
  print(`Whoever has this token can set a new password for ${user.email}, once and within an hour, by`);
  print('POST /api/v1/auth/password/reset { "token": …, "new_password": … }:');
  print(token);
}
