import type { Scope } from '../auth/scope.js';
import type { AppError, FieldError } from '../common/errors.js';
import { type Html, html } from './html.js';

/** An app that wants to act for a learner, as the learner is told of it. */
export interface App {
  name: string;
  /** The host that the learner is sent back to. */
  host: string;
}

/** What every form of a sign-in holds. */
export interface FormContext {
  /** The path that the forms' own paths follow. */
  base: string;
  /** Shows that a form comes from this page. */
  token: string;
  app: App;
}

/** What was wrong with what a learner sent, and what they need not type again. */
export interface Refusal {
  message: string;
  fields: FieldError[];
  values: Record<string, string>;
}

interface Field {
  name: string;
  label: string;
  type: 'text' | 'email' | 'password';
  autocomplete: string;
  hint?: string;
}

const LOGIN: Field = { name: 'login', label: 'Email or username', type: 'text', autocomplete: 'username' };
const PASSWORD: Field = { name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password' };
const REGISTRATION: Field[] = [
  { name: 'email', label: 'Email', type: 'email', autocomplete: 'email' },
  {
    name: 'username',
    label: 'Username',
    type: 'text',
    autocomplete: 'username',
    hint: '3 to 32 letters, digits, “.”, “_” or “-”.',
  },
  {
    name: 'password',
    label: 'Password',
    type: 'password',
    autocomplete: 'new-password',
    hint: '8 characters or more, and none of the commonest passwords.',
  },
];

const PERMISSIONS: Record<Scope | 'offline_access', string> = {
  'learn:read': 'Read the courses for you, with your quizzes, your progress and what your plan opens',
  'learn:write':
    'Act for you: submit quizzes, mark chapters as completed or take that back, reset your streak, and use the premium features of your plan',
  offline_access: 'Go on while you are away, until you disconnect it',
};

export function signInPage(form: FormContext, refusal?: Refusal): string {
  return page(
    'Sign in',
    html`<p>to connect <strong>${form.app.name}</strong> to your Course Companion account.</p>
      ${summary(refusal)} ${formOf(form, 'sign-in', inputs([LOGIN, PASSWORD], refusal), 'Sign in')}
      <p>No account yet? <a href="${form.base}/register">Create one</a></p>
      ${cancel(form)}`,
    refusal,
  );
}

export function registerPage(form: FormContext, timezones: string[], refusal?: Refusal): string {
  return page(
    'Create an account',
    html`<p>to connect <strong>${form.app.name}</strong> to it.</p>
      ${summary(refusal)}
      ${formOf(form, 'register', [...inputs(REGISTRATION, refusal), timezoneSelect(timezones, refusal)], 'Create account')}
      <p>You have one? <a href="${form.base}">Sign in</a></p>
      ${cancel(form)}`,
    refusal,
  );
}

export function consentPage(form: FormContext, username: string, scopes: string[]): string {
  const { name, host } = form.app;
  const granted = Object.entries(PERMISSIONS).filter(([scope]) => scopes.includes(scope));
  return page(
    `Let ${name} act for you?`,
    html`<p>You are signed in as <strong>${username}</strong>.</p>
      <p><strong>${name}</strong> asks to:</p>
      <ul>
        ${granted.map(([, text]) => html`<li>${text}</li>`)}
      </ul>
      <p>It never sees your password, and cannot change your account or your plan.</p>
      <p class="hint">You go back to ${host}. What you allow, you can end at any time.</p>
      ${formOf(form, 'consent', [], 'Allow')} ${formOf(form, 'switch', [], 'Use another account', 'secondary')}
      ${cancel(form)}`,
  );
}

export function errorPage(message: string): string {
  return page('That did not work', html`<p role="alert">${message}</p>`);
}

/** What a person is told of an error. */
export function explain(error: AppError): string {
  if (error.code === 'VALIDATION_ERROR') return 'Something is not right yet.';
  if (error.retryAfter === undefined) return `${error.message}.`;
  const minutes = Math.ceil(error.retryAfter / 60);
  return `There were too many attempts. Try again in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`;
}

function page(title: string, content: Html, refusal?: Refusal): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${refusal && 'Error: '}${title} – Course Companion</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/oauth/style.css" />
      </head>
      <body>
        <header>Course Companion</header>
        <main>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html> `.text;
}

function formOf({ base, token }: FormContext, action: string, fields: Html[], button: string, kind = 'primary'): Html {
  return html`<form method="post" action="${base}/${action}">
    <input type="hidden" name="token" value="${token}" />
    ${fields}
    <button class="${kind}">${button}</button>
  </form>`;
}

function cancel(form: FormContext): Html {
  return formOf(form, 'cancel', [], 'Cancel', 'secondary');
}

function summary(refusal?: Refusal): Html | undefined {
  return refusal && html`<p class="error" role="alert">${refusal.message}</p>`;
}

/** The inputs of a form, of which the first that has a problem, else the first one, has the focus. */
function inputs(fields: Field[], refusal?: Refusal): Html[] {
  const focused = fields.find(({ name }) => problemOf(name, refusal)) ?? fields[0];
  return fields.map((field) => input(field, refusal, field === focused));
}

function input(field: Field, refusal: Refusal | undefined, isFocused: boolean): Html {
  const { name, label, type, autocomplete, hint } = field;
  const problem = problemOf(name, refusal);
  return html`<label for="${name}">${label}</label>
    ${problem && html`<p class="error" id="${name}-note">${label} ${problem}.</p>`}
    ${!problem && hint && html`<p class="hint" id="${name}-note">${hint}</p>`}
    <input
      id="${name}"
      name="${name}"
      type="${type}"
      autocomplete="${autocomplete}"
      autocapitalize="none"
      spellcheck="false"
      value="${refusal?.values[name]}"
      required
      ${(problem ?? hint) && html`aria-describedby="${name}-note"`}
      ${problem && html`aria-invalid="true"`}
      ${isFocused && html`autofocus`}
    />`;
}

function timezoneSelect(timezones: string[], refusal?: Refusal): Html {
  const chosen = refusal?.values.timezone ?? 'UTC';
  return html`<label for="timezone">Time zone</label>
    <p class="hint" id="timezone-hint">By which the days of your streak are counted.</p>
    <select id="timezone" name="timezone" autocomplete="off" aria-describedby="timezone-hint">
      ${timezones.map((zone) => html`<option${zone === chosen && html` selected`}>${zone}</option>`)}
    </select>`;
}

function problemOf(name: string, refusal?: Refusal): string | undefined {
  return refusal?.fields.find(({ field }) => field === name)?.message;
}
