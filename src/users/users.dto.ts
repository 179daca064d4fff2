import { ApiProperty } from '@nestjs/swagger';
import type { User } from './user.entity.js';

/** An account, without its password. */
export class UserDto {
  /** @example "0d9c1d6e-5f0c-4a8e-9d5c-3f4c2a1b7e60" */
  @ApiProperty({ format: 'uuid' })
  id: string;

  /** As it was given at the registration. @example "ada@example.com" */
  email: string;

  /** @example "ada" */
  username: string;

  role: 'learner' | 'admin';

  /** The IANA time zone by which the days of the streak are counted. @example "Europe/London" */
  timezone: string;

  /** False while the account is disabled. */
  is_active: boolean;

  created_at: Date;

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
