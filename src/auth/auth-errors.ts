import { AppError } from '../common/errors.js';

export function invalidToken(kind: 'access' | 'refresh' | 'reset'): AppError {
  return new AppError('INVALID_TOKEN', `The ${kind} token is not valid`);
}

export function tokenExpired(): AppError {
  return new AppError('TOKEN_EXPIRED', 'The access token has expired');
}

export function accountDisabled(): AppError {
  return new AppError('ACCOUNT_DISABLED', 'This account is disabled');
}
