import type { FastifyInstance, FastifyRequest } from 'fastify';
import findMyWay from 'find-my-way';
import { AppError } from './errors.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** The methods that some route answers at this URL. */
    methodsAt(url: string): string[];
  }
}

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
  server.decorate('methodsAt', (url: string) =>
    [...methods].filter((method) => known.find(method as findMyWay.HTTPMethod, url.split('?', 1)[0]) !== null),
  );
}

/** The error for a request that no route answers. */
export function unknownRoute(request: FastifyRequest): AppError {
  const methods = request.server.methodsAt(request.url);
  const path = request.url.split('?', 1)[0];
  return methods.length > 0
    ? new AppError('METHOD_NOT_ALLOWED', `${request.method} is not allowed here`, { allow: methods.join(', ') })
    : new AppError('NOT_FOUND', `There is nothing at ${path}`);
}
