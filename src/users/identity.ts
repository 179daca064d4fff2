import { domainToASCII } from 'node:url';
import { foldCase, withoutInvisible } from '../common/text.js';

export const USERNAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{2,31}$/;
export const USERNAME_RULE = 'must be 3 to 32 letters, digits, ".", "_" or "-", beginning with a letter or digit';
export const MAX_EMAIL_CHARACTERS = 254;
/** Beyond what makes an email: a quoted one would be the same as without its quotes (RFC 5321, 4.1.2). */
export const EMAIL_OPTIONS = { blacklisted_chars: '"' };

/**
 * The one form of an email by which it is unique: without case, look-alike letters resolved, the domain as DNS knows it
 * (UTS 46). Null where the domain is none.
 */
export function canonicalEmail(email: string): string | null {
  const at = email.lastIndexOf('@');
  const domain = domainToASCII(email.slice(at + 1));
  return at > 0 && domain !== '' ? `${foldIdentity(email.slice(0, at))}@${domain}` : null;
}

/** The one form of a username by which it is unique. */
export function canonicalUsername(username: string): string {
  return username.toLowerCase();
}

/** The canonical form of what somebody signs in with: an email if it has an "@", else a username. */
export function canonicalLogin(login: string): { email: string } | { username: string } {
  return login.includes('@')
    ? { email: canonicalEmail(login) ?? foldIdentity(login) }
    : { username: canonicalUsername(login) };
}

/** Letters of an "i" that differ by a dot alone are one, and what cannot be seen is nothing. */
function foldIdentity(text: string): string {
  return foldCase(withoutInvisible(text)).replaceAll('i\u0307', 'i').replaceAll('ı', 'i');
}
