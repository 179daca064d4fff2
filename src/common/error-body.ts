import type { AppError, FieldError } from './errors.js';

/** The one shape of every error that a client can receive. */
export interface ErrorBody {
  detail: string;
  error_code: string;
  timestamp: string;
  request_id: string;
  errors?: FieldError[];
}

export function errorBody(error: AppError, requestId: string): ErrorBody {
  return {
    detail: error.message,
    error_code: error.code,
    timestamp: new Date().toISOString(),
    request_id: requestId,
    ...(error.errors && { errors: error.errors }),
  };
}

/** For what no cache may keep. */
export const NO_STORE = 'private, no-store';

/** The headers that belong to an error: it is never cached, and says when to come back and how to sign in. */
export function errorHeaders(error: AppError): Record<string, string> {
  return {
    'cache-control': NO_STORE,
    ...(error.retryAfter !== undefined && { 'retry-after': String(error.retryAfter) }),
    ...((error.status === 401 || error.scope) && { 'www-authenticate': wwwAuthenticate(error) }),
    ...(error.allow && { allow: error.allow }),
  };
}

/** RFC 6750, 3. */
function wwwAuthenticate(error: AppError): string {
  if (error.scope) return `Bearer error="insufficient_scope", scope="${error.scope}"`;
  return error.code === 'USER_NOT_AUTHENTICATED' || error.code === 'INVALID_CREDENTIALS'
    ? 'Bearer'
    : `Bearer error="invalid_token", error_description="${error.message}"`;
}
