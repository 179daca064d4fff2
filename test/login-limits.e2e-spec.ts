import type { Response } from 'light-my-request';
import { PasswordResets } from '../src/auth/password-resets.js';
import { SessionsService } from '../src/auth/sessions.service.js';
import { unavailable } from '../src/common/errors.js';
import { statusesOf } from './answers.js';
import { from, limitsOf, onEachStore, times } from './counted.js';
import { PASSWORD } from './make.js';

onEachStore((startCounting) => {
  it('row 32: limits failed logins per account and address, and per account in all', async () => {
    const limits = { RATE_LIMIT_AUTH_LOGIN: '1000/minute', RATE_LIMIT_AUTH_LOGIN_ACCOUNT_TOTAL: '25/hour' };
    const test = await startCounting(limits);
    const user = await test.make.learner();
    const login = (address: string, password: string, name = user.email) =>
      from(test, address).post('auth/login', { login: name, password });
    const home = '203.0.113.1';
    expect((await login(home, PASSWORD)).statusCode).toBe(200);

    const attempts = await Promise.all(Array.from({ length: 15 }, () => login('198.51.100.1', 'wrong')));
    expect(statusesOf(attempts).filter((status) => status === 401)).toHaveLength(10);
    expect((await login('198.51.100.1', PASSWORD, user.email.toUpperCase())).statusCode).toBe(429);
    const other = await login('198.51.100.1', 'wrong', user.username);
    expect([other.statusCode, ...limitsOf(other).slice(0, 2)]).toEqual([401, 10, 9]);
    expect((await login('198.51.100.2', PASSWORD)).statusCode).toBe(200);

    const many = await Promise.all(Array.from({ length: 30 }, (_, i) => login(`198.51.100.${i + 10}`, 'wrong')));
    expect(statusesOf(many).filter((status) => status === 401)).toHaveLength(15);
    const locked = await login('198.51.100.99', PASSWORD);
    expect([locked.statusCode, Number(locked.headers['retry-after']) <= 3600]).toEqual([429, true]);
    expect((await login(home, PASSWORD)).statusCode).toBe(200);
  });

  it('row 32: lets the owner in who has been given a new password, whatever was tried before', async () => {
    const test = await startCounting({ RATE_LIMIT_AUTH_LOGIN_ACCOUNT_TOTAL: '3/hour' });
    const user = await test.make.learner();
    const login = (address: string, password: string) =>
      from(test, address).post('auth/login', { login: user.email, password });
    const attempts = [1, 2, 3, 4].map((i) => login(`198.51.100.${i}`, 'wrong'));
    expect(statusesOf(await Promise.all(attempts)).sort()).toEqual([401, 401, 401, 429]);
    const token = await test.app.get(PasswordResets).offer(user.id);
    await test.anonymous.post('auth/password/reset', { token, new_password: 'a new password' });
    expect((await login('198.51.100.9', 'a new password')).statusCode).toBe(200);
  });

  it('does not count a login as failed that was not even tried', async () => {
    const settings = { PASSWORD_HASH_CONCURRENCY: '1', BCRYPT_COST: '10', RATE_LIMIT_AUTH_LOGIN_ACCOUNT: '50/hour' };
    const test = await startCounting({ ...settings, RATE_LIMIT_AUTH_LOGIN: '1000/minute' });
    const user = await test.make.learner();
    const login = () => test.anonymous.post('auth/login', { login: user.email, password: PASSWORD });
    const answers = await Promise.all(Array.from({ length: 40 }, login));
    expect(new Set(statusesOf(answers))).toEqual(new Set([200, 503]));
    expect(answers.find(({ statusCode }) => statusCode === 503)?.headers['retry-after']).toBe('2');
    expect(limitsOf(await login()).slice(0, 2)).toEqual([50, 50]);
  });

  it('does not count a login as failed of which could not be told where its account is signed in', async () => {
    const test = await startCounting({ RATE_LIMIT_AUTH_LOGIN: '1000/minute' });
    const user = await test.make.learner();
    const login = () => test.anonymous.post('auth/login', { login: user.email, password: PASSWORD });
    jest.spyOn(test.app.get(SessionsService), 'isKnownAt').mockRejectedValueOnce(unavailable('On purpose', 1));
    expect((await login()).statusCode).toBe(503);
    expect(limitsOf(await login()).slice(0, 2)).toEqual([10, 10]);
  });

  it('row 32: treats an account that does not exist in the same way', async () => {
    const test = await startCounting({ RATE_LIMIT_AUTH_LOGIN: '1000/minute' });
    const user = await test.make.learner();
    const tryOut = (login: string) => times(12, () => test.anonymous.post('auth/login', { login, password: 'wrong' }));
    const outcome = (answers: Response[]) =>
      answers.map((answer) => [answer.statusCode, ...limitsOf(answer).slice(0, 2)]);
    expect(outcome(await tryOut('nobody@example.com'))).toEqual(outcome(await tryOut(user.email)));
  });

  it('row 32: limits logins of one address, whoever is signed in there', async () => {
    const test = await startCounting();
    const user = await test.make.learner();
    const login = (index: number) => test.as(user).post('auth/login', { login: `nobody-${index}`, password: 'wrong' });
    const answers = await Promise.all(Array.from({ length: 15 }, (_, index) => login(index)));
    expect(statusesOf(answers).filter((status) => status === 429)).toHaveLength(5);
  });
});
