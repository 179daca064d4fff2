import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';

type Encoding = 'br' | 'gzip' | 'identity';

const COMPRESS_ABOVE_BYTES = 1024;
const compressible = /^(text\/|application\/(json|javascript|openmetrics))/;
const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);

/**
 * Chooses how a body goes over the wire: compressed for those who accept it, and, where it may be cached, with a
 * strong ETag per encoding (RFC 9110, 8.8.3), or as a 304 for those who hold it already.
 */
export function negotiateRepresentations(server: FastifyInstance): void {
  server.addHook('onSend', async (request, reply, payload) => {
    if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return payload;
    if (payload.length === 0 || reply.hasHeader('content-encoding')) return payload;

    const body = Buffer.from(payload);
    const encoding = chooseEncoding(request, reply, body);
    if (isCacheable(request, reply)) {
      const tags = entityTags(body);
      const held = heldTag(request, tags);
      void reply.header('etag', held ?? tags[encoding]);
      if (held) {
        void reply.status(304).removeHeader('content-type').removeHeader('content-length');
        // The framework's own hook for HEAD looks into the body.
        return request.method === 'HEAD' ? '' : null;
      }
    }
    if (encoding === 'identity') return payload;
    void reply.header('content-encoding', encoding).removeHeader('content-length');
    return encoding === 'br'
      ? brotli(body, {
          params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_SIZE_HINT]: body.length },
        })
      : deflate(body);
  });
}

/** Adds a request header to those that the answer depends on. */
export function varyBy(reply: FastifyReply, ...names: string[]): void {
  const known = String(reply.getHeader('vary') ?? '').split(', ');
  void reply.header('vary', [...new Set([...known, ...names])].filter(Boolean).join(', '));
}

function chooseEncoding(request: FastifyRequest, reply: FastifyReply, body: Buffer): Encoding {
  if (body.length <= COMPRESS_ABOVE_BYTES || !compressible.test(String(reply.getHeader('content-type'))))
    return 'identity';
  varyBy(reply, 'Accept-Encoding');
  if (request.headers['accept-encoding'] === undefined) return 'identity';
  return (new Negotiator(request.raw).encoding(['br', 'gzip', 'identity']) as Encoding | undefined) ?? 'identity';
}

function isCacheable(request: FastifyRequest, reply: FastifyReply): boolean {
  return (
    (request.method === 'GET' || request.method === 'HEAD') &&
    reply.statusCode === 200 &&
    /max-age|no-cache/.test(String(reply.getHeader('cache-control')))
  );
}

function entityTags(body: Buffer): Record<Encoding, string> {
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 27);
  return { identity: `"${hash}"`, gzip: `"${hash}-gzip"`, br: `"${hash}-br"` };
}

/** The tag of `If-None-Match` under which the client already holds this body, in whatever encoding. */
function heldTag(request: FastifyRequest, tags: Record<Encoding, string>): string | undefined {
  const header = request.headers['if-none-match'];
  if (header === undefined) return undefined;
  if (header.trim() === '*') return tags.identity;
  const given: string[] = header.match(/"[^"]*"/g) ?? [];
  return Object.values(tags).find((tag) => given.includes(tag));
}
