import { cli, outcomeOf, type Outcome, start } from './built.js';
import { migrated, onEachDatabase, TestApp, type TestDatabase } from './test-app.js';

onEachDatabase((kind) => {
  let database: TestDatabase;
  let settings: NodeJS.ProcessEnv;
  beforeAll(async () => {
    database = await migrated(kind);
    settings = { DATABASE_URL: database.url, BCRYPT_COST: '4' };
  });
  afterAll(() => database.drop());

  const run = (...args: string[]) => cli(args, settings);
  async function create(email: string, username: string, password: string, ...more: string[]): Promise<Outcome> {
    const child = start('cli.js', ['users', 'create', '--email', email, '--username', username, ...more], settings);
    child.stdin?.end(`${password}\n`);
    return outcomeOf(child);
  }

  it('creates accounts with a password from the standard input, and lists them', async () => {
    expect((await run('users', 'list')).stdout).toBe('There is no user yet.\n');
    const created = await create('Grace@Example.com', 'grace', 'a good password', '--role', 'admin');
    expect([created.code, created.stderr]).toEqual([0, '']);
    expect(created.stdout).toMatch(/^created Grace@Example.com \(admin\), id [0-9a-f-]{36}\n$/);
    expect((await run('users', 'list')).stdout).toMatch(/^Grace@Example.com {2}grace {2}admin {2}active {2}20\d\d-/);
    expect((await create('ada@example.com', 'ada', 'a good password')).code).toBe(0);
  });

  it.each([
    ['nonsense', 'x-1', 'a good password', "'nonsense' is not an email"],
    ['x@example.com', 'x', 'a good password', 'The username must be 3 to 32'],
    ['x@example.com', 'x-1', 'short', 'The password must be 8 to 128 characters long'],
    ['x@example.com', 'x-1', 'password123', 'The password is one of the commonest'],
    ['GRACE@example.com', 'x-1', 'a good password', 'This email has an account already'],
    ['x@example.com', 'GRACE', 'a good password', 'This username is taken'],
  ])('refuses to create %s, %s with the password %s', async (email, username, password, reason) => {
    const outcome = await create(email, username, password);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain(reason);
    expect(outcome.stderr).not.toContain('    at ');
  });

  it('disables, enables and promotes them, and says so', async () => {
    expect((await run('users', 'disable', 'ada@example.com')).stdout).toBe('ada@example.com is disabled\n');
    expect((await run('users', 'list')).stdout).toMatch(/ada {2}learner {2}disabled/);
    expect((await run('users', 'enable', 'ADA@example.com')).stdout).toBe('ada@example.com is enabled\n');
    expect((await run('users', 'set-role', 'ada@example.com', 'admin')).stdout).toBe('ada@example.com is now admin\n');
    expect((await run('users', 'set-role', 'ada@example.com', 'king')).stderr).toBe(
      'The role must be learner or admin\n',
    );
  });

  it('gives plans, with or without an end, and lists them', async () => {
    expect((await run('subscriptions', 'list')).stdout).toBe('Nobody has a plan yet.\n');
    const set = await run('subscriptions', 'set', 'ada@example.com', 'pro', '--until', '2099-01-31');
    expect([set.stdout, set.stderr]).toEqual(['ada@example.com has pro until 2099-01-31T00:00:00.000Z\n', '']);
    await run('subscriptions', 'set', 'grace@example.com', 'team');
    expect((await run('subscriptions', 'list')).stdout).toBe(
      'ada@example.com  pro  until 2099-01-31T00:00:00.000Z\nGrace@Example.com  team  without end\n',
    );
    expect((await run('subscriptions', 'set', 'ada@example.com', 'gold')).stderr).toContain('must be one of free');
    const soon = await run('subscriptions', 'set', 'ada@example.com', 'pro', '--until', 'soon');
    expect([soon.code, soon.stderr]).toEqual([1, expect.stringContaining('--until must be a date') as string]);
  });

  it('makes a token, as its last line, with which the password can be set', async () => {
    const { stdout } = await run('users', 'reset-link', 'ada@example.com');
    const token = stdout.trim().split('\n').at(-1);
    const test = await TestApp.on(database, {});
    const reset = () => test.anonymous.post('auth/password/reset', { token, new_password: 'set by the operator' });
    expect((await reset()).statusCode).toBe(204);
    expect((await reset()).statusCode).toBe(401);
    const login = { login: 'ada', password: 'set by the operator' };
    expect((await test.anonymous.post('auth/login', login)).statusCode).toBe(200);
    await test.app.close();
  });

  it('exports all that is stored of a user, as JSON and without a secret', async () => {
    const { stdout } = await run('users', 'export', 'ada@example.com');
    expect(JSON.parse(stdout)).toMatchObject({
      user: { email: 'ada@example.com' },
      records: { subscriptions: [{ plan_type: 'pro' }] },
    });
    expect(stdout).not.toContain('$2b$');
  });

  it('deletes a user with everything', async () => {
    expect((await run('users', 'delete', 'ada@example.com')).stdout).toBe('deleted ada@example.com\n');
    expect((await run('users', 'list')).stdout).not.toContain('ada@');
    expect((await run('subscriptions', 'list')).stdout).not.toContain('pro');
  });

  it('has failed when nobody gave a password, or one that cannot be sent', async () => {
    const outcome = await create('x@example.com', 'x-1', 'a \0 password');
    expect([outcome.code, outcome.stderr]).toEqual([1, 'The password must be text\n']);
    expect((await create('x@example.com', 'x-1', '')).code).toBe(1);
  });

  it('tells of a user whom nobody knows', async () => {
    for (const command of ['disable', 'enable', 'reset-link', 'export', 'delete']) {
      const outcome = await run('users', command, 'nobody@example.com');
      expect([outcome.code, outcome.stderr]).toEqual([1, "No user has the email 'nobody@example.com'\n"]);
    }
  });
});
