import 'reflect-metadata';
import '@nestjs/jwt';
import '@nestjs/passport';
import '@nestjs/swagger';
import '@nestjs/terminus';
import '@nestjs/throttler';
import 'bcrypt';
import 'class-transformer';
import 'class-validator';
import 'passport-jwt';
import 'pino';
import 'prom-client';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { TypeOrmModule } from '@nestjs/typeorm';

const url = process.env.DATABASE_URL ?? '';

/** The libraries that ours is built of, with a connection to its database and nothing to answer. Prints its address. */
@Module({
  imports: [
    TypeOrmModule.forRoot(
      url.startsWith('sqlite:')
        ? { type: 'better-sqlite3', database: url.slice('sqlite:'.length) }
        : { type: 'postgres', url },
    ),
  ],
})
class Stack {}

async function main(): Promise<void> {
  const app = await NestFactory.create(Stack, new FastifyAdapter(), { logger: false });
  await app.listen(0, '127.0.0.1');
  console.log(await app.getUrl());
}

void main();
