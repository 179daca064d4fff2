import type { FastifyInstance, FastifyRequest } from 'fastify';
import findMyWay from 'find-my-way';
import { AppError } from './errors.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** The methods that some route answers at this URL. */
    methodsAt(url: string): string[];
  }
}

/** How much of an unknown URL its error repeats. */
const MAX_ECHOED = 100;

/** Remembers every route, so that a known URL asked with a wrong method is a 405 and not a 404. */
export function rememberRoutes(server: FastifyInstance): void {
  const known = findMyWay<findMyWay.HTTPVersion.V1>({ ignoreTrailingSlash: true, maxParamLength: Infinity });
  const methods = new Set<string>();
  server.addHook('onRoute', ({ method, url }) => {
    for (const name of [method].flat()) {
      // The wildcard that answers CORS preflights says nothing about what exists.
      if (url === '*' || known.hasRoute(name as findMyWay.HTTPMethod, url)) continue;
      known.on(name as findMyWay.HTTPMethod, url, () => undefined);
      methods.add(name);
    }
  });
  server.decorate('methodsAt', (url: string) => {
    const path = url.split('?', 1)[0];
    if (!path.startsWith('/')) return [];
    return [...methods].filter((method) => {
      const found = known.find(method as findMyWay.HTTPMethod, path);
      // A parameter is never empty: `/courses//chapters` is nowhere.
      return found !== null && !Object.values(found.params).includes('');
    });
  });
}

/** The error for a request that no route answers. */
export function unknownRoute(request: FastifyRequest): AppError {
  const methods = request.server.methodsAt(request.url);
  const path = request.url.split('?', 1)[0].slice(0, MAX_ECHOED);
  return methods.length > 0
    ? new AppError('METHOD_NOT_ALLOWED', `${request.method} is not allowed here`, { allow: methods.join(', ') })
    : new AppError('NOT_FOUND', `There is nothing at ${path}`);
}
