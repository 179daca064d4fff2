import { isIP } from 'node:net';
import { createParamDecorator } from '@nestjs/common';
import { normalizeIp } from '@nestjs/throttler';
import type { FastifyRequest } from 'fastify';

/** Some proxies tell the port of their client too. */
const WITH_PORT = /^\[?([\d.]+|[\da-f:.]+(?=\]))\]?(:\d+)?$/i;

/** The address of the client, as `TRUSTED_PROXIES` lets it be known. */
export function clientAddress(request: FastifyRequest): string {
  const { context } = request;
  return context ? (context.address ??= readAddress(request)) : readAddress(request);
}

function readAddress(request: FastifyRequest): string {
  const { ip } = request;
  if (isIP(ip)) return ip;
  // A trusted proxy may pass on anything as the address of its client.
  const [, address = ''] = WITH_PORT.exec(ip) ?? [];
  return isIP(address) ? address : (request.socket.remoteAddress ?? '');
}

/**
 * The form by which addresses are counted: IPv4 as it is, also where it comes mapped into IPv6, and of IPv6 the /64.
 */
export function countedAddress(address: string): string {
  return normalizeIp(address);
}

/** The address of the client. */
export const Address = createParamDecorator((_data, context) =>
  clientAddress(context.switchToHttp().getRequest<FastifyRequest>()),
);
