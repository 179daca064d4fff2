import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from '../bench/spread.js';
import { Tally } from './figures.js';

/** What a flood was answered; printed as JSON. */
export interface Flooded {
  /** How often each status was answered; `lost` is a connection that broke, `unanswered` one that never was. */
  statuses: Record<string, number>;
  /** Of those that were answered with 200, from sending to the last byte. */
  p99Ms: number;
}

/** A request for which no connection was free: it was never sent. */
export const NOT_OFFERED = 'no connection free';

const TICK_MS = 5;
const LAST_ANSWERS_MS = 5000;
/** As many are kept by a balancer before the server. More would only wait; a server that sheds never needs them. */
const CONNECTIONS = 500;
const CONNECTED_WITHIN_MS = 20_000;

/**
 * Sends so many requests a second and waits for none of them before the next. A process of its own, on bare sockets,
 * so that three times what a server can answer does not exceed what the drill can ask.
 */
class Flood {
  private readonly statuses = new Tally();
  private readonly accepted: number[] = [];
  private readonly idle: Connection[] = [];
  private connections = 0;
  private waiting = 0;
  private readonly request: string;

  constructor(
    private readonly url: URL,
    token: string,
  ) {
    this.request = `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nAuthorization: ${token}\r\n\r\n`;
  }

  async run(perSecond: number, milliseconds: number): Promise<Flooded> {
    await this.connect();
    const began = performance.now();
    for (let sent = 0; performance.now() - began < milliseconds; await delay(TICK_MS)) {
      for (const due = ((performance.now() - began) / 1000) * perSecond; sent < due; sent++) this.send();
    }
    for (const end = performance.now() + LAST_ANSWERS_MS; this.waiting > 0 && performance.now() < end;) {
      await delay(TICK_MS);
    }
    for (let left = this.waiting; left > 0; left--) this.statuses.add('unanswered');
    return { statuses: this.statuses.toJSON(), p99Ms: quantile(this.accepted, 0.99) };
  }

  /** Opens all connections, and waits until each has been used. */
  private async connect(): Promise<void> {
    for (let opened = 0; opened < CONNECTIONS; opened++) {
      this.sendOn(this.open());
      await delay(2);
    }
    for (const end = performance.now() + CONNECTED_WITHIN_MS; this.waiting > 0 && performance.now() < end;) {
      await delay(TICK_MS);
    }
    this.statuses.clear();
    this.accepted.length = 0;
  }

  private send(): void {
    const connection = this.idle.pop() ?? (this.connections < CONNECTIONS ? this.open() : undefined);
    if (connection) this.sendOn(connection);
    else this.statuses.add(NOT_OFFERED);
  }

  private sendOn(connection: Connection): void {
    this.waiting++;
    connection.send(this.request);
  }

  private open(): Connection {
    this.connections++;
    return new Connection(
      connect(Number(this.url.port), this.url.hostname),
      (what, ms, from) => {
        this.waiting--;
        this.statuses.add(what);
        if (what === '200') this.accepted.push(ms);
        this.idle.push(from);
      },
      (from, isWaiting) => {
        this.connections--;
        const index = this.idle.indexOf(from);
        if (index >= 0) this.idle.splice(index, 1);
        if (!isWaiting) return;
        this.waiting--;
        this.statuses.add('lost');
      },
    );
  }
}

class Connection {
  private received = '';
  /** When the request was sent; null while there is none. */
  private began: number | null = null;

  constructor(
    private readonly socket: Socket,
    private readonly onAnswer: (what: string, ms: number, from: Connection) => void,
    onClose: (from: Connection, isWaiting: boolean) => void,
  ) {
    socket.setEncoding('latin1');
    socket.on('data', (data) => this.receive(data.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => onClose(this, this.began !== null));
  }

  send(request: string): void {
    this.began = performance.now();
    this.socket.write(request);
  }

  private receive(data: string): void {
    this.received += data;
    const end = this.received.indexOf('\r\n\r\n');
    if (end < 0 || this.began === null) return;
    const head = this.received.slice(0, end).toLowerCase();
    const length = Number(/\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0);
    if (this.received.length < end + 4 + length) return;
    const status = head.slice(9, 12);
    const ms = performance.now() - this.began;
    this.received = '';
    this.began = null;
    this.onAnswer(status === '503' && !head.includes('\nretry-after: ') ? '503 without Retry-After' : status, ms, this);
  }
}

async function main([url, token, perSecond, milliseconds]: string[]): Promise<void> {
  const flooded = await new Flood(new URL(url), token).run(Number(perSecond), Number(milliseconds));
  console.log(JSON.stringify(flooded));
  process.exit(0);
}

if (require.main === module) void main(process.argv.slice(2));
