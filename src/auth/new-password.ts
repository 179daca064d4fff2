import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Check } from '../common/check.js';

const MIN_CHARACTERS = 8;
const MAX_CHARACTERS = 128;
/** How many of the commonest passwords are refused. */
const REFUSED = 10_000;
const LENGTH_RULE = `must be ${MIN_CHARACTERS} to ${MAX_CHARACTERS} characters long`;
const COMMON_RULE = 'is one of the commonest passwords; choose another one';

let common: Promise<Set<string>> | undefined;

/** Whether it has as many characters (code points) as a password must have. */
function hasGoodLength(password: unknown): boolean {
  if (typeof password !== 'string') return false;
  const { length } = Array.from(password.normalize('NFC'));
  return length >= MIN_CHARACTERS && length <= MAX_CHARACTERS;
}

async function isUncommon(password: unknown): Promise<boolean> {
  common ??= commonPasswords();
  return typeof password !== 'string' || !(await common).has(password.toLowerCase());
}

/** Loaded with the first password that is set, as it takes some memory. */
async function commonPasswords(): Promise<Set<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return new Set(dictionary['passwords-common'].slice(0, REFUSED));
}

/** Why this cannot be a new password; null if it can. */
export async function passwordProblem(password: string): Promise<string | null> {
  if (!hasGoodLength(password)) return LENGTH_RULE;
  return (await isUncommon(password)) ? null : COMMON_RULE;
}

/**
 * A password that may be set: long enough and none of the commonest; nothing else is asked of it (NIST SP 800-63B,
 * 3.1.1.2).
 */
export function IsNewPassword(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ minLength: MIN_CHARACTERS, maxLength: MAX_CHARACTERS, example: 'correct horse battery staple' }),
    Check('passwordLength', hasGoodLength, LENGTH_RULE),
    Check('uncommonPassword', isUncommon, COMMON_RULE),
  );
}
