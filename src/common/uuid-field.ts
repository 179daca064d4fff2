import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsUUID } from 'class-validator';
import { Optional } from './optional.js';

/** A uuid that may be left out; its letters are of no case. */
export const UuidField = () =>
  applyDecorators(
    Optional(),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toLowerCase() : value)),
    IsUUID('all', { message: 'must be a uuid' }),
    ApiPropertyOptional({ format: 'uuid' }),
  );
