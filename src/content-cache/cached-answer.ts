import { Representation } from '../common/representation.js';

/** What goes before the bodies of a stored answer. */
interface Head {
  headers: Record<string, string>;
  /** How many bytes each form of the body has; 0 where it is not compressed. */
  lengths: [identity: number, gzip: number, br: number];
}

/** An answer's body, which is JSON, as it is sent, and the headers that belong to it besides its type. */
export class CachedAnswer {
  constructor(
    readonly headers: Record<string, string>,
    readonly representation: Representation,
  ) {}

  /** About what it takes in memory, its compressed forms included. */
  get bytes(): number {
    return 1000 + 2 * this.representation.identity.length;
  }

  async toBuffer(): Promise<Buffer> {
    const { identity, isWorthCompressing } = this.representation;
    const none = Buffer.alloc(0);
    const [gzip, br] = isWorthCompressing
      ? await Promise.all([this.representation.in('gzip'), this.representation.in('br')])
      : [none, none];
    const head: Head = { headers: this.headers, lengths: [identity.length, gzip.length, br.length] };
    const written = Buffer.from(JSON.stringify(head));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(written.length);
    return Buffer.concat([length, written, identity, gzip, br]);
  }

  /** Null for bytes that are no answer. */
  static fromBuffer(stored: Buffer): CachedAnswer | null {
    try {
      let at = 4 + stored.readUInt32BE();
      const { headers, lengths } = JSON.parse(stored.toString('utf8', 4, at)) as Head;
      const [identity, gzip, br] = lengths.map((length) => stored.subarray(at, (at += length)));
      if (at !== stored.length) return null;
      return new CachedAnswer(headers, new Representation(identity, gzip.length > 0 ? { gzip, br } : {}));
    } catch {
      return null;
    }
  }
}
