import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { REDIS_URL } from './services.js';

/** A way to Redis that can be cut, and that can freeze, without touching the Redis that others use. */
export class RedisProxy {
  private readonly sockets = new Set<Socket>();
  private isFrozen = false;
  /** How long it holds back every answer. */
  delayMs = 0;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {
    server.on('connection', (client) => this.forward(client));
  }

  static async start(port = 0): Promise<RedisProxy> {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    return new RedisProxy(server, (server.address() as AddressInfo).port);
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Takes what is sent and answers nothing, as a stopped process does. */
  freeze(): void {
    this.isFrozen = true;
    for (const socket of this.sockets) socket.pause();
  }

  thaw(): void {
    this.isFrozen = false;
    for (const socket of this.sockets) socket.resume();
  }

  /** Cuts every connection and takes no new one, as a killed process does. */
  async kill(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private forward(client: Socket): void {
    const { hostname, port } = new URL(REDIS_URL);
    const upstream = connect(Number(port || 6379), hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ]) {
      this.sockets.add(from);
      from.on('data', (data) => void setTimeout(() => to.write(data), from === upstream ? this.delayMs : 0));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
      if (this.isFrozen) from.pause();
    }
  }
}
