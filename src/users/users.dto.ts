import { ApiProperty } from '@nestjs/swagger';
import type { User } from './user.entity.js';

/** An account, without its password. */
export class UserDto {
  /** A UUID. @example "0d9c1d6e-5f0c-4a8e-9d5c-3f4c2a1b7e60" */
  @ApiProperty({ format: 'uuid' })
  id: string;

  /** As it was given at the registration. @example "ada@example.com" */
  email: string;

  /** As it was given, in its own case. @example "ada" */
  username: string;

  /** An admin may read any user, and use the routes that are kept for admins. */
  role: 'learner' | 'admin';

  /** The IANA time zone by which the days of the streak are counted. @example "Europe/London" */
  timezone: string;

  /** False while the account is disabled. */
  is_active: boolean;

  /** When the account was opened. */
  created_at: Date;

  /** When the account was changed last, its password included. */
  updated_at: Date;
}

export function toUserDto(user: User): UserDto {
  return {
    id: user.id,
    email: user.email,
    username: user.username,
    role: user.role,
    timezone: user.timezone,
    is_active: user.isActive,
    created_at: user.createdAt,
    updated_at: user.updatedAt,
  };
}
