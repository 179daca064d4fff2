import { readFileSync } from 'node:fs';
import fastify from 'fastify';

/**
 * The least that answers a cached read: a ready Buffer, or a 304 for those who hold it.
 * Arguments: a file with the body, and its ETag. Prints the address that it listens on.
 */
const [file, etag] = process.argv.slice(2);
const body = readFileSync(file);
const server = fastify();
server.get('/*', (request, reply) => {
  if (request.headers['if-none-match'] === etag) return reply.status(304).header('etag', etag).send();
  return reply.header('content-type', 'application/json; charset=utf-8').send(body);
});
void server.listen({ port: 0, host: '127.0.0.1' }).then((address) => console.log(address));
