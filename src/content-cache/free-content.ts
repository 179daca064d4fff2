import { applyDecorators, SetMetadata, UseInterceptors } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { FREE_CONTENT, FreeContentInterceptor, type FreeContentOptions } from './free-content.interceptor.js';

/**
 * Marks a route whose answer is the same for everyone, but where the options say so; it is cached here and elsewhere.
 */
export const FreeContent = <T>(options: FreeContentOptions<T> = {}) =>
  applyDecorators(
    SetMetadata(FREE_CONTENT, options),
    UseInterceptors(FreeContentInterceptor),
    ApiResponse({ status: 304, description: 'What `If-None-Match` names is still current' }),
  );
