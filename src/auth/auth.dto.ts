import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsEmail, IsString, Matches, MaxLength } from 'class-validator';
import { Optional } from '../common/optional.js';
import { EMAIL_OPTIONS, MAX_EMAIL_CHARACTERS, USERNAME_PATTERN, USERNAME_RULE } from '../users/identity.js';
import { IsTimezone } from '../users/timezone.js';
import { UserDto } from '../users/users.dto.js';
import { CallerDto } from './caller.dto.js';
import { IsNewPassword } from './new-password.js';

export class RegistrationDto {
  /** Unique without regard to case and look-alike letters. @example "ada@example.com" */
  @IsEmail(EMAIL_OPTIONS, { message: 'must be an email' })
  @MaxLength(MAX_EMAIL_CHARACTERS)
  @ApiProperty({ format: 'email' })
  email: string;

  /** 3 to 32 letters, digits, ".", "_" or "-"; unique without regard to case. @example "ada" */
  @Matches(USERNAME_PATTERN, { message: USERNAME_RULE })
  @ApiProperty({ pattern: USERNAME_PATTERN.source })
  username: string;

  /** 8 to 128 characters, and none of the commonest passwords. */
  @IsNewPassword()
  password: string;

  /** The IANA time zone by which the days of the streak are counted; UTC if none is given. @example "Europe/London" */
  @Optional()
  @IsTimezone()
  timezone?: string;
}

export class LoginDto {
  /** The email or the username. @example "ada@example.com" */
  @IsString()
  @MaxLength(MAX_EMAIL_CHARACTERS)
  login: string;

  /** @example "correct horse battery staple" */
  @IsString()
  password: string;
}

export class RefreshTokenDto {
  /** The refresh token that was received last. */
  @IsString()
  @MaxLength(512)
  refresh_token: string;
}

export class UserPatchDto extends CallerDto {
  /** 3 to 32 letters, digits, ".", "_" or "-"; unique without regard to case. @example "ada" */
  @Optional()
  @Matches(USERNAME_PATTERN, { message: USERNAME_RULE })
  @ApiPropertyOptional({ pattern: USERNAME_PATTERN.source })
  username?: string;

  /** An IANA time zone. @example "Europe/London" */
  @Optional()
  @IsTimezone()
  timezone?: string;
}

export class PasswordChangeDto extends CallerDto {
  /** The password that the caller signs in with now. */
  @IsString()
  current_password: string;

  /** 8 to 128 characters, and none of the commonest passwords. */
  @IsNewPassword()
  new_password: string;
}

export class PasswordResetDto {
  /** The one-time token that the operator has made. */
  @IsString()
  @MaxLength(512)
  token: string;

  /** 8 to 128 characters, and none of the commonest passwords. */
  @IsNewPassword()
  new_password: string;
}

export class PasswordDto extends CallerDto {
  /** The caller's own password. */
  @IsString()
  password: string;
}

/** What a client holds to act for a user. */
export class TokenPairDto {
  /** A JWT, sent as `Authorization: Bearer …`. */
  access_token: string;

  /** Opaque; exchanged for the next pair, once. */
  refresh_token: string;

  /** How the access token is sent (RFC 6750). */
  token_type: 'bearer';

  /** Seconds until the access token expires. @example 1800 */
  @ApiProperty({ type: 'integer' })
  expires_in: number;
}

/** A new account, and what it is signed in with. */
export class RegisteredDto extends TokenPairDto {
  user: UserDto;
}

/** All that is stored of a user. */
export class AccountExportDto {
  /** When the rows were read. */
  exported_at: Date;

  user: UserDto;

  /** The rows of every table that name the user, by the table's name. */
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'object', additionalProperties: true } },
    example: { subscriptions: [], chapter_completions: [] },
  })
  records: Record<string, object[]>;
}
