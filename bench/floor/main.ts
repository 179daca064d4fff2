import fastify from 'fastify';
import { serveContent } from './content.js';
import { serveLogin } from './login.js';
import { serveProgress } from './progress.js';
import { serveQuizzes } from './quizzes.js';
import { serveSearch } from './search.js';
import { openSql } from './sql.js';

/**
 * Bare Fastify and the database's driver, on the database that ours uses too. Prints the address that it listens on.
 */
const server = fastify();
const sql = openSql(process.env.DATABASE_URL ?? '');
for (const serve of [serveContent, serveSearch, serveProgress, serveQuizzes, serveLogin]) serve(server, sql);
void server.listen({ port: 0, host: '127.0.0.1' }).then((address) => console.log(address));
