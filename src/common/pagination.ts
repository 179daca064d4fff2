import { applyDecorators, type Type } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { ApiOkResponse, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { registerDecorator, type ValidationArguments } from 'class-validator';

export const MAX_OFFSET = 100_000;

/** A part of a list, with the whole list's length. */
export class Page<T> {
  constructor(
    readonly items: T[],
    /** How many items the whole list has. */
    readonly total: number,
    readonly limit: number,
    readonly offset: number,
  ) {}
}

/** All items of a list, which is read page by page. @param read a page that begins so many items after the first */
export async function everyItem<T>(read: (offset: number) => Promise<Pick<Page<T>, 'items' | 'total'>>): Promise<T[]> {
  const all: T[] = [];
  for (;;) {
    const { items, total } = await read(all.length);
    all.push(...items);
    if (items.length === 0 || all.length >= total) return all;
  }
}

interface Range {
  min: number;
  /** The greatest value, which may depend on the other fields of the query. */
  max: number | ((query: object) => number);
  /** Whether the key may be left out where the query has no default for it. */
  optional?: boolean;
}

/** A whole number of a query string, written in digits alone. */
export function QueryInteger({ min, max, optional = false }: Range): PropertyDecorator {
  const maxOf = (query: object) => (typeof max === 'number' ? max : max(query));
  const check = (target: object, property: string | symbol) =>
    registerDecorator({
      name: 'queryInteger',
      target: target.constructor,
      propertyName: property as string,
      validator: {
        validate: (value: unknown, args?: ValidationArguments) =>
          (optional && value === undefined) ||
          (typeof value === 'number' && value >= min && value <= maxOf(args?.object ?? {})),
        defaultMessage: (args?: ValidationArguments) =>
          `must be a whole number from ${min} to ${maxOf(args?.object ?? {})}`,
      },
    });
  return applyDecorators(
    ApiPropertyOptional({ type: 'integer', minimum: min, ...(typeof max === 'number' && { maximum: max }) }),
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value,
    ),
    check,
  );
}

/** `X-Total-Count` and the RFC 8288 `Link` of a page, whose references are path-absolute. */
export function pageHeaders(page: Page<unknown>, url: string): Record<string, string> {
  const { total, limit, offset } = page;
  const [path, search] = url.split('?', 2);
  const link = (rel: string, at: number) => {
    const query = new URLSearchParams(search);
    query.set('limit', String(limit));
    query.set('offset', String(at));
    return `<${path}?${query.toString()}>; rel="${rel}"`;
  };
  const last = Math.min(Math.max(0, Math.ceil(total / limit) - 1) * limit, Math.floor(MAX_OFFSET / limit) * limit);
  const links = [
    link('first', 0),
    offset > 0 && link('prev', Math.min(Math.max(0, offset - limit), last)),
    offset + limit < total && offset + limit <= MAX_OFFSET && link('next', offset + limit),
    link('last', last),
  ];
  return { 'x-total-count': String(total), link: links.filter(Boolean).join(', ') };
}

/** Lets every route answer with a page, which is sent as its array and headers. */
export function servePages(server: FastifyInstance): void {
  server.addHook('preSerialization', (request, reply, payload, done) => {
    if (!(payload instanceof Page)) return done(null, payload);
    void reply.headers(pageHeaders(payload, request.url));
    done(null, payload.items);
  });
}

/** Documents a route that answers a page: the array, and the headers that tell of the whole list. */
export function ApiPage(item: Type, description: string): MethodDecorator {
  return ApiOkResponse({
    description,
    type: [item],
    headers: {
      'X-Total-Count': {
        description: 'How many items the whole list has.',
        required: true,
        schema: { type: 'integer' },
      },
      Link: { description: 'RFC 8288 links: first, prev, next and last.', required: true, schema: { type: 'string' } },
    },
  });
}
