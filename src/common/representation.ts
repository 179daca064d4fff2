import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';

type Compressed = 'br' | 'gzip';
type Encoding = Compressed | 'identity';

const COMPRESS_ABOVE_BYTES = 1024;
const compressible = /^(text\/|application\/(json|javascript|openmetrics))/;
const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);

/** A body in the encodings that it is asked for in, each with a strong ETag of its own (RFC 9110, 8.8.3). */
export class Representation {
  private hash?: string;
  private readonly encoded: Partial<Record<Encoding, Promise<Buffer>>> = {};

  /** @param encoded the compressed forms that are known already */
  constructor(
    readonly identity: Buffer,
    encoded: Partial<Record<Compressed, Buffer>> = {},
  ) {
    for (const [encoding, body] of Object.entries(encoded))
      this.encoded[encoding as Compressed] = Promise.resolve(body);
  }

  /** Whether what compressing saves is more than what it costs. */
  get isWorthCompressing(): boolean {
    return this.identity.length > COMPRESS_ABOVE_BYTES;
  }

  tag(encoding: Encoding): string {
    this.hash ??= createHash('sha256').update(this.identity).digest('base64url').slice(0, 27);
    return encoding === 'identity' ? `"${this.hash}"` : `"${this.hash}-${encoding}"`;
  }

  /** Compressed once, however often it is sent. */
  in(encoding: Compressed): Promise<Buffer> {
    return (this.encoded[encoding] ??= encoding === 'br' ? withBrotli(this.identity) : deflate(this.identity));
  }
}

function withBrotli(body: Buffer): Promise<Buffer> {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants;
  return brotli(body, { params: { [BROTLI_PARAM_QUALITY]: 4, [BROTLI_PARAM_SIZE_HINT]: body.length } });
}

/**
 * Chooses how a body goes over the wire: compressed for those who accept it, and, where it may be cached, with its ETag,
 * or as a 304 for those who hold it already.
 */
export function negotiateRepresentations(server: FastifyInstance): void {
  server.addHook('onSend', async (request, reply, payload) => {
    if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return payload;
    if (payload.length === 0 || reply.hasHeader('content-encoding')) return payload;

    const ready = request.context?.representation;
    const representation = ready?.identity === payload ? ready : new Representation(Buffer.from(payload));
    const encoding = chooseEncoding(request, reply, representation);
    if (isCacheable(request, reply)) {
      const held = heldTag(request, representation, encoding);
      void reply.header('etag', held ?? representation.tag(encoding));
      if (held) {
        void reply.status(304).removeHeader('content-type').removeHeader('content-length');
        // The framework's own hook for HEAD would tell the length of a text, which is not that of a 200.
        return request.method === 'HEAD' ? Readable.from([]) : null;
      }
    }
    if (encoding === 'identity') return payload;
    void reply.header('content-encoding', encoding).removeHeader('content-length');
    return representation.in(encoding);
  });
}

/** Adds a request header to those that the answer depends on. */
export function varyBy(reply: FastifyReply, ...names: string[]): void {
  const known = String(reply.getHeader('vary') ?? '').split(', ');
  void reply.header('vary', [...new Set([...known, ...names])].filter(Boolean).join(', '));
}

function chooseEncoding(request: FastifyRequest, reply: FastifyReply, body: Representation): Encoding {
  if (!body.isWorthCompressing || !compressible.test(String(reply.getHeader('content-type')))) return 'identity';
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

/** The tag of `If-None-Match` under which the client already holds this body, in whatever encoding. */
function heldTag(request: FastifyRequest, representation: Representation, encoding: Encoding): string | undefined {
  const header = request.headers['if-none-match'];
  if (header === undefined) return undefined;
  if (header.trim() === '*') return representation.tag(encoding);
  const given: string[] = header.match(/"[^"]*"/g) ?? [];
  const tags = (['identity', 'gzip', 'br'] as const).map((form) => representation.tag(form));
  return tags.find((tag) => given.includes(tag));
}
