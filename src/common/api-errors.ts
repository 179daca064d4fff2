import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { ErrorDto, exampleOf } from './errors.dto.js';
import { ERROR_STATUS, type ErrorCode } from './errors.js';

const OF_EVERY_ROUTE: ErrorCode[] = ['BAD_REQUEST', 'VALIDATION_ERROR', 'INTERNAL_SERVER_ERROR'];
const OF_THE_API: ErrorCode[] = ['INVALID_TOKEN', 'SERVICE_UNAVAILABLE'];

/** Documents the errors of a route of the API; those that all of its routes share need no mention. */
export function Errors(...codes: ErrorCode[]): MethodDecorator {
  return documentErrors([...codes, ...OF_THE_API, ...OF_EVERY_ROUTE]);
}

/** Documents the errors of a route that looks at no token. */
export function OpenErrors(): MethodDecorator {
  return documentErrors(OF_EVERY_ROUTE);
}

function documentErrors(all: ErrorCode[]): MethodDecorator {
  const statuses = [...new Set(all.map((code) => ERROR_STATUS[code]))];
  return applyDecorators(
    ApiExtraModels(ErrorDto),
    ...statuses.map((status) => {
      const here = all.filter((code) => ERROR_STATUS[code] === status);
      return ApiResponse({
        status,
        description: here.join(', '),
        content: {
          'application/json': {
            schema: { $ref: getSchemaPath(ErrorDto) },
            examples: Object.fromEntries(here.map((code) => [code, { value: exampleOf(code) }])),
          },
        },
      });
    }),
  );
}
