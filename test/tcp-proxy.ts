import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const DEFAULT_PORTS: Record<string, number> = { 'redis:': 6379, 'postgres:': 5432 };

/** A way to a server that can be cut, and that can freeze, without touching the server that others use. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private isFrozen = false;
  /** How long it holds back every answer. */
  delayMs = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
    readonly port: number,
  ) {
    server.on('connection', (client) => this.forward(client));
  }

  /**
   * @param target the URL of the server
   * @param port where it listens, if not where it is free
   */
  static async start(target: string, port = 0): Promise<TcpProxy> {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, new URL(target), (server.address() as AddressInfo).port);
  }

  /** The server's URL by this way. */
  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String(this.port);
    return url.href;
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
    const { hostname, port, protocol } = this.target;
    const upstream = connect(Number(port || DEFAULT_PORTS[protocol]), hostname);
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
