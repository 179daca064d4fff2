import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import Negotiator from 'negotiator';

type Compressed = 'br' | 'gzip';
type Encoding = Compressed | 'identity';

const COMPRESS_ABOVE_BYTES = 1024;
const compressible = /^(text\/|application\/(json|javascript|openmetrics))/;
/** The best of an `Accept-Encoding`: clients send few different ones. */
const encodings = new LRUCache<string, Encoding>({ max: 100 });
const brotli = promisify(brotliCompress);
const withGzip = promisify(gzip);

/** A body in the encodings that it is asked for in, each with a strong ETag of its own (RFC 9110, 8.8.3). */
export class Representation {
  private tags?: Record<Encoding, string>;
  private readonly underWay: Partial<Record<Compressed, Promise<Buffer>>> = {};

  /** @param encoded the compressed forms that are known already */
  constructor(
    readonly identity: Buffer,
    private readonly encoded: Partial<Record<Compressed, Buffer>> = {},
  ) {}

  /** Whether what compressing saves is more than what it costs. */
  get isWorthCompressing(): boolean {
    return this.identity.length > COMPRESS_ABOVE_BYTES;
  }

  tag(encoding: Encoding): string {
    this.tags ??= tagsOf(this.identity);
    return this.tags[encoding];
  }

  /** Compressed once, however often it is sent; at once where that has been done. */
  in(encoding: Compressed): Buffer | Promise<Buffer> {
    return this.encoded[encoding] ?? (this.underWay[encoding] ??= this.compress(encoding));
  }

  private async compress(encoding: Compressed): Promise<Buffer> {
    try {
      return (this.encoded[encoding] = await (encoding === 'br' ? withBrotli(this.identity) : withGzip(this.identity)));
    } finally {
      this.underWay[encoding] = undefined;
    }
  }
}

function tagsOf(identity: Buffer): Record<Encoding, string> {
  const hash = createHash('sha256').update(identity).digest('base64url').slice(0, 27);
  return { identity: `"${hash}"`, gzip: `"${hash}-gzip"`, br: `"${hash}-br"` };
}

function withBrotli(body: Buffer): Promise<Buffer> {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants;
  return brotli(body, { params: { [BROTLI_PARAM_QUALITY]: 4, [BROTLI_PARAM_SIZE_HINT]: body.length } });
}

/**
 * Chooses how a body goes over the wire: compressed for those who accept it, and, where it may be cached, with its
 * ETag, or as a 304 for those who hold it already.
 */
export function negotiateRepresentations(server: FastifyInstance): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return done(null, payload);
    if (payload.length === 0 || reply.hasHeader('content-encoding')) return done(null, payload);

    const ready = request.context?.representation;
    const representation = ready?.identity === payload ? ready : new Representation(Buffer.from(payload));
    const isNegotiable =
      representation.isWorthCompressing && compressible.test(String(reply.getHeader('content-type')));
    if (isNegotiable) varyBy(reply, 'Accept-Encoding');
    const encoding = isNegotiable ? acceptedEncoding(request) : 'identity';
    if (isCacheable(request, reply)) {
      const held = heldTag(request, representation, encoding);
      void reply.header('etag', held ?? representation.tag(encoding));
      if (held) {
        void reply.status(304).removeHeader('content-type').removeHeader('content-length');
        // The framework's own hook for HEAD would tell the length of a text, which is not that of a 200.
        return done(null, request.method === 'HEAD' ? Readable.from([]) : null);
      }
    }
    if (encoding === 'identity') return done(null, payload);
    void reply.header('content-encoding', encoding).removeHeader('content-length');
    const body = representation.in(encoding);
    if (Buffer.isBuffer(body)) done(null, body);
    else body.then((compressed) => done(null, compressed), done);
  });
}

/** Adds a request header to those that the answer depends on. */
export function varyBy(reply: FastifyReply, ...names: string[]): void {
  const known = reply.getHeader('vary');
  if (known === undefined) void reply.header('vary', names.join(', '));
  else if (known !== names.join(', ')) {
    void reply.header('vary', [...new Set([...String(known).split(', '), ...names])].join(', '));
  }
}

/** The best that a client accepts. */
export function acceptedEncoding({ headers }: FastifyRequest): Encoding {
  const accepted = headers['accept-encoding'];
  if (accepted === undefined) return 'identity';
  const known = encodings.get(accepted);
  if (known) return known;
  const best = (new Negotiator({ headers }).encoding(['br', 'gzip', 'identity']) as Encoding | undefined) ?? 'identity';
  encodings.set(accepted, best);
  return best;
}

function isCacheable(request: FastifyRequest, reply: FastifyReply): boolean {
  return (
    (request.method === 'GET' || request.method === 'HEAD') &&
    reply.statusCode === 200 &&
    /max-age|no-cache/.test(String(reply.getHeader('cache-control')))
  );
}

/** The tag of `If-None-Match` under which the client already holds this body, in whatever encoding. */
export function heldTag(
  request: FastifyRequest,
  representation: Representation,
  encoding: Encoding,
): string | undefined {
  const header = request.headers['if-none-match'];
  if (header === undefined) return undefined;
  const sent = representation.tag(encoding);
  if (header === sent || header.trim() === '*') return sent;
  const given: string[] = header.match(/"[^"]*"/g) ?? [];
  const held = (['identity', 'gzip', 'br'] as const).find((form) => given.includes(representation.tag(form)));
  return held && representation.tag(held);
}
