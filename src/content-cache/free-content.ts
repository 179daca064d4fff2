import { applyDecorators, SetMetadata, UseInterceptors } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { type Exceptions, FREE_CONTENT, FreeContentInterceptor } from './free-content.interceptor.js';

/** Marks a route whose answer is the same for everyone, but for the exceptions, so that it is cached here and elsewhere. */
export const FreeContent = <T>(exceptions: Exceptions<T> = {}) =>
  applyDecorators(
    SetMetadata(FREE_CONTENT, exceptions),
    UseInterceptors(FreeContentInterceptor),
    ApiResponse({ status: 304, description: 'What `If-None-Match` names is still current' }),
  );
