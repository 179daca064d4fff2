import { readFileSync } from 'node:fs';
import fastify from 'fastify';

/**
 * The least that answers with the same bytes: bare Fastify and a ready Buffer.
 * Arguments: the file with the body. Prints the address that it listens on.
 */
const body = readFileSync(process.argv[2]);
const server = fastify();
server.get('/*', (request, reply) => {
  if (request.headers['if-none-match'] !== undefined) return reply.status(304).send();
  return reply.header('content-type', 'application/json; charset=utf-8').send(body);
});
void server.listen({ port: 0, host: '127.0.0.1' }).then((address) => console.log(address));
