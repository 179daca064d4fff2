import type { INestApplicationContext } from '@nestjs/common';
import type { Command } from 'commander';
import { CommandError, print, type WithApp } from '../common/command.js';
import { APP_NAME_RULE, isAppName } from './app-name.js';
import { type Credentials, OAuthClients } from './oauth-clients.js';
import { isRedirectUri } from './redirect-uris.js';

interface NewClientFlags {
  name: string;
  redirectUri: string[];
  public?: boolean;
}

/** The operator's commands for apps. `withApp` lends the application, its database open, to what needs it. */
export function oauthCommands(program: Command, withApp: WithApp): void {
  const clients = program
    .command('oauth')
    .description('the apps that learners may connect')
    .command('clients')
    .description('register, list and remove apps');
  clients
    .command('create')
    .description('register an app; its secret is shown once')
    .requiredOption('--name <name>', 'the name that learners are shown')
    .requiredOption('--redirect-uri <uri...>', 'where learners are sent back to')
    .option('--public', 'an app that can keep no secret; it uses PKCE')
    .action((flags: NewClientFlags) => withApp((app) => create(app, flags)));
  clients
    .command('list')
    .description('list the registered apps')
    .action(() => withApp(list));
  clients
    .command('rotate-secret')
    .description('give an app a new secret in the place of the one before')
    .argument('<client-id>', "the app's client_id")
    .action((clientId: string) => withApp((app) => rotate(app, clientId)));
  clients
    .command('delete')
    .description('delete an app and end what learners have granted it')
    .argument('<client-id>', "the app's client_id")
    .action((clientId: string) => withApp((app) => remove(app, clientId)));
}

async function create(app: INestApplicationContext, flags: NewClientFlags): Promise<void> {
  const { name, redirectUri: redirectUris, public: isPublic = false } = flags;
  if (!isAppName(name)) throw new CommandError(`The name ${APP_NAME_RULE}`);
  const wrong = redirectUris.find((uri) => !isRedirectUri(uri));
  if (wrong !== undefined) {
    throw new CommandError(`'${wrong}' must be an https URL, or an http one on this machine, without a fragment`);
  }
  printCredentials(await app.get(OAuthClients).create(name, redirectUris, isPublic));
}

async function list(app: INestApplicationContext): Promise<void> {
  const clients = await app.get(OAuthClients).list();
  if (clients.length === 0) print('There is no app yet.');
  for (const { clientId, name, isPublic, redirectUris, createdAt } of clients) {
    const kind = isPublic ? 'public' : 'confidential';
    print([clientId, name, kind, createdAt.toISOString(), ...redirectUris].join('  '));
  }
}

async function rotate(app: INestApplicationContext, clientId: string): Promise<void> {
  const credentials = await app.get(OAuthClients).rotateSecret(clientId);
  if (!credentials) throw new CommandError(`There is no app '${clientId}' that has a secret`);
  printCredentials(credentials);
}

async function remove(app: INestApplicationContext, clientId: string): Promise<void> {
  if (!(await app.get(OAuthClients).delete(clientId))) throw new CommandError(`There is no app '${clientId}'`);
  print(`deleted ${clientId}`);
}

function printCredentials({ clientId, clientSecret }: Credentials): void {
  print(`client_id: ${clientId}`);
  if (clientSecret !== undefined) print(`client_secret: ${clientSecret}`);
}
