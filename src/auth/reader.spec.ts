import { type AppError } from '../common/errors.js';
import { requirePremium } from './reader.js';

const codeFor = (userId: string | null, hasPremium: boolean): string | null => {
  try {
    requirePremium({ userId, hasPremium });
    return null;
  } catch (error) {
    return (error as AppError).code;
  }
};

it('asks the anonymous to sign in and the signed-in for a plan, and lets whoever has one pass', () => {
  expect(codeFor(null, false)).toBe('USER_NOT_AUTHENTICATED');
  expect(codeFor('learner', false)).toBe('SUBSCRIPTION_REQUIRED');
  expect(codeFor('learner', true)).toBeNull();
});
