import { createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import type Provider from 'oidc-provider';
import type { InteractionResults } from 'oidc-provider';
import { SCOPES } from '../auth/scope.js';
import { LoginDto, RegistrationDto } from '../auth/auth.dto.js';
import { AuthEvents } from '../auth/auth-events.js';
import { AuthService } from '../auth/auth.service.js';
import { AppError, validationError } from '../common/errors.js';
import { isSameSecret } from '../common/secret.js';
import { isStorableText } from '../common/text.js';
import { validationPipe } from '../common/validation.js';
import { Config } from '../config/config.js';
import type { LimitName } from '../limits/limits.js';
import { LimitsService } from '../limits/limits.service.js';
import { UsersService } from '../users/users.service.js';
import { AuthorizationServer } from './authorization-server.js';
import { consentPage, explain, type FormContext, type Refusal, registerPage, signInPage } from './pages.js';

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/** A request of a browser that has a sign-in under way. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** Of the step that the URL names. */
  uid: string;
  /** The client's address, by which attempts are counted. */
  address: string;
  form: Record<string, string>;
}

/** What a browser is answered: a page, or where to go on. */
export type Step = { status: number; retryAfter?: number; page: string; returnTo: URL | null } | { location: string };

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

/** Leads a learner through signing in and letting an app act for them. */
@Injectable()
export class SignIn {
  private readonly pipe = validationPipe();

  constructor(
    private readonly server: AuthorizationServer,
    private readonly auth: AuthService,
    private readonly users: UsersService,
    private readonly limits: LimitsService,
    private readonly events: AuthEvents,
    private readonly config: Config,
  ) {}

  /** The page for where the learner is: to sign in, or to consent. */
  async show(exchange: Exchange): Promise<Step> {
    const step = await this.begin(exchange);
    const { interaction, form } = step;
    if (interaction.prompt.name !== 'consent') return pageOf(step, signInPage(form));
    const { username } = await this.users.get(interaction.session?.accountId ?? '');
    return pageOf(step, consentPage(form, username, scopesOf(interaction)));
  }

  async showRegistration(exchange: Exchange): Promise<Step> {
    const step = await this.begin(exchange);
    return pageOf(step, registerPage(step.form, ZONES));
  }

  signIn(exchange: Exchange): Promise<Step> {
    return this.identify(exchange, 'AUTH_LOGIN', LoginDto, ['login', 'password'], {
      user: (login) => this.auth.authenticate(login, exchange.address),
      page: signInPage,
    });
  }

  register(exchange: Exchange): Promise<Step> {
    return this.identify(exchange, 'AUTH_REGISTER', RegistrationDto, ['email', 'username', 'password', 'timezone'], {
      user: (registration) => this.auth.enroll(registration, exchange.address),
      page: (form, refusal) => registerPage(form, ZONES, refusal),
    });
  }

  /** The learner lets the app do what it has asked for. */
  async consent(exchange: Exchange): Promise<Step> {
    const { provider, interaction } = await this.beginForm(exchange);
    const accountId = interaction.session?.accountId;
    if (interaction.prompt.name !== 'consent' || accountId === undefined) throw expired();
    const { client_id: clientId, resource } = askedBy(interaction);
    const scopes = scopesOf(interaction);
    const grant = new provider.Grant({ accountId, clientId });
    grant.addOIDCScope(scopes.join(' '));
    const opening = SCOPES.filter((scope) => scopes.includes(scope)).join(' ');
    for (const indicator of [resource].flat()) grant.addResourceScope(indicator, opening);
    const grantId = await grant.save();
    this.events.record('app_connected', accountId, { clientId });
    return this.goOn(exchange, provider, { consent: { grantId } });
  }

  /** The learner does not want to. */
  async cancel(exchange: Exchange): Promise<Step> {
    const { provider } = await this.beginForm(exchange);
    return this.goOn(exchange, provider, { error: 'access_denied', error_description: 'The learner did not allow it' });
  }

  /** Signs the browser out and begins anew. */
  async switchAccount(exchange: Exchange): Promise<Step> {
    const { provider, interaction } = await this.beginForm(exchange);
    await (await this.sessionOf(exchange, provider)).destroy();
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(askedBy(interaction))) {
      for (const item of [value ?? []].flat()) query.append(name, item);
    }
    return { location: `/oauth/authorize?${query.toString()}` };
  }

  /** Finds out who it is, and goes on as that user; or shows the form again with what was wrong. */
  private async identify<T extends object>(
    exchange: Exchange,
    limit: LimitName,
    dto: new () => T,
    names: string[],
    how: { user: (input: T) => Promise<{ id: string }>; page: (form: FormContext, refusal: Refusal) => string },
  ): Promise<Step> {
    const step = await this.beginForm(exchange);
    const values = Object.fromEntries(names.map((name) => [name, exchange.form[name] ?? '']));
    try {
      await this.limits.take(limit, this.limits.address(limit, exchange.address));
      const user = await how.user(await this.check(values, dto));
      return await this.goOnAs(user.id, exchange, step);
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      const kept = { ...values, password: '' };
      const refusal = { message: explain(error), fields: error.errors ?? [], values: kept };
      return pageOf(step, how.page(step.form, refusal), error);
    }
  }

  private async check<T extends object>(values: Record<string, string>, dto: new () => T): Promise<T> {
    const unstorable = Object.keys(values).filter((name) => !isStorableText(values[name]));
    if (unstorable.length > 0) {
      throw validationError(unstorable.map((field) => ({ field, message: 'holds characters that cannot be kept' })));
    }
    return (await this.pipe.transform(values, { type: 'body', metatype: dto })) as T;
  }

  /** Another user than the one whom this browser has been signed in as takes their place. */
  private async goOnAs(accountId: string, exchange: Exchange, { provider, interaction }: Begun): Promise<Step> {
    const session = await this.sessionOf(exchange, provider);
    if (session.accountId !== undefined && session.accountId !== accountId) {
      await session.destroy();
      interaction.session = undefined;
      await interaction.persist();
    }
    return this.goOn(exchange, provider, { login: { accountId, remember: false } });
  }

  private async goOn({ request, response }: Exchange, provider: Provider, result: InteractionResults): Promise<Step> {
    return { location: await provider.interactionResult(request, response, result) };
  }

  /** As whom the browser is signed in. */
  private sessionOf({ request, response }: Exchange, provider: Provider) {
    return provider.Session.get(provider.createContext(request, response));
  }

  private async begin({ request, response, uid }: Exchange): Promise<Begun> {
    const provider = await this.server.open();
    const interaction = await provider.interactionDetails(request, response).catch((error: Error) => {
      throw error.name === 'SessionNotFound' ? expired() : error;
    });
    const { client_id: clientId, redirect_uri: redirectUri } = askedBy(interaction);
    const client = await provider.Client.find(clientId);
    if (!client || interaction.uid !== uid) throw expired();
    const returnTo = new URL(redirectUri);
    const form: FormContext = {
      base: `/oauth/interaction/${interaction.uid}`,
      token: this.tokenOf(interaction),
      app: { name: client.clientName ?? returnTo.host, host: returnTo.host },
    };
    return { provider, interaction, form, returnTo };
  }

  /** The same for a form, which has to come from a page of this sign-in. */
  private async beginForm(exchange: Exchange): Promise<Begun> {
    const begun = await this.begin(exchange);
    if (!isSameSecret(exchange.form.token ?? '', begun.form.token)) throw expired();
    return begun;
  }

  private tokenOf({ uid }: Interaction): string {
    return createHmac('sha256', this.config.secretKeys[0]).update(`oauth form ${uid}`).digest('base64url');
  }
}

/** What an app asks for, in the names of RFC 6749, 4.1.1, and RFC 8707. */
interface Asked extends Record<string, string | string[] | undefined> {
  client_id: string;
  redirect_uri: string;
  scope: string;
  resource: string | string[];
}

interface Begun {
  provider: Provider;
  interaction: Interaction;
  form: FormContext;
  /** Where the app wants the learner back. */
  returnTo: URL;
}

function pageOf({ returnTo }: Begun, page: string, error?: AppError): Step {
  return { status: error?.status ?? 200, retryAfter: error?.retryAfter, page, returnTo };
}

/** What the library has checked already. */
function askedBy({ params }: Interaction): Asked {
  return params as unknown as Asked;
}

function scopesOf(interaction: Interaction): string[] {
  return askedBy(interaction).scope.split(' ');
}

function expired(): AppError {
  return new AppError(
    'BAD_REQUEST',
    'This sign-in has ended, or was begun in another browser. Go back to the app and begin again',
  );
}
