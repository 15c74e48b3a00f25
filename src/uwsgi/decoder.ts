/**
 * The uwsgi packet decoder: bytes in, variables and leftover out. Nothing here opens a socket.
 *
 * Header (uwsgi protocol): u8 modifier1, u16 LE size of the variable block, u8 modifier2.
 */

import { largestVariable, parseVariables } from './packet.ts';
import { UwsgiRefusal } from './refusal.ts';
import type { VariableMap } from './variables.ts';

export interface DecoderOptions {
  readonly packetBytes: number;
  readonly packetVariables: number;
  /** Values of modifier1 that are requests. */
  readonly modifiers: ReadonlySet<number>;
}

export type Decoded =
  | {
      readonly type: 'request';
      readonly modifier1: number;
      readonly variables: VariableMap;
      /** What came after the packet: the start of the body. A view of the last chunk. */
      readonly rest: Buffer;
    }
  /** A health check; {@link pong} is the answer. */
  | { readonly type: 'ping' };

/** 0: a request as every front sends it. 30: the same, where SCRIPT_NAME is to be cut from PATH_INFO. */
export const standardModifiers: readonly number[] = [0, 30];

const pingModifier = 100;

/** The answer to a ping: modifier1 100, no variables, modifier2 1. */
export const pong: Buffer = Buffer.from([pingModifier, 0, 0, 1]);

const headerBytes = 4;
const tlsHandshakeRecord = 22;

/**
 * Decodes one packet; a connection carries no second one. Holds at most 65,539 bytes, the size of the
 * largest packet there can be.
 */
export class PacketDecoder {
  readonly #options: DecoderOptions;
  readonly #header = Buffer.allocUnsafe(headerBytes);
  #received = 0;
  /** Room for the variable block, once its size is known and the first chunk did not hold it all. */
  #block: Buffer | undefined;
  #refusal: UwsgiRefusal | undefined;

  constructor(options: DecoderOptions) {
    this.#options = options;
  }

  /** Bytes taken so far. */
  get received(): number {
    return this.#received;
  }

  /**
   * Takes the next bytes; undefined until the packet is whole.
   *
   * @throws UwsgiRefusal which is final: the decoder throws it again at whatever follows
   */
  push(chunk: Buffer): Decoded | undefined {
    if (this.#refusal !== undefined) throw this.#refusal;
    try {
      return this.#take(chunk);
    } catch (error) {
      if (error instanceof UwsgiRefusal) this.#refusal = error;
      throw error;
    }
  }

  #take(chunk: Buffer): Decoded | undefined {
    const offset = this.#takeHeader(chunk);
    if (this.#received < headerBytes) return undefined;
    const size = this.#header.readUInt16LE(1);
    if (this.#block === undefined) {
      checkHeader(this.#header, this.#options);
      const end = offset + size;
      if (chunk.length >= end) {
        this.#received += size;
        return this.#decode(chunk.subarray(offset, end), chunk.subarray(end));
      }
      this.#block = Buffer.allocUnsafe(size);
    }
    const filled = this.#received - headerBytes;
    const end = Math.min(chunk.length, offset + size - filled);
    chunk.copy(this.#block, filled, offset, end);
    this.#received += end - offset;
    if (this.#received < headerBytes + size) return undefined;
    const block = this.#block;
    // A connection outlives its packet by a whole download.
    this.#block = undefined;
    return this.#decode(block, chunk.subarray(end));
  }

  /** Where in `chunk` the header ends. */
  #takeHeader(chunk: Buffer): number {
    if (this.#received >= headerBytes) return 0;
    const end = Math.min(chunk.length, headerBytes - this.#received);
    chunk.copy(this.#header, this.#received, 0, end);
    this.#received += end;
    return end;
  }

  #decode(block: Buffer, rest: Buffer): Decoded {
    const modifier1 = this.#header.readUInt8(0);
    if (modifier1 === pingModifier) return { type: 'ping' };
    const { packetBytes, packetVariables } = this.#options;
    if (block.length > packetBytes) throw tooLarge(block, packetBytes);
    const variables = parseVariables(block, packetVariables);
    return { type: 'request', modifier1, variables, rest };
  }
}

/**
 * What can be refused by the header alone. A packet over its limit is not: it is read to its end,
 * so that the refusal can name its largest variable.
 */
function checkHeader(header: Buffer, options: DecoderOptions): void {
  const modifier1 = header.readUInt8(0);
  const size = header.readUInt16LE(1);
  if (modifier1 === pingModifier) {
    if (size === 0 && header.readUInt8(3) === 0) return;
    throw malformed('a ping has neither variables nor a modifier2');
  }
  if (!options.modifiers.has(modifier1)) throw notServed(header);
  if (size === 0) throw malformed('it has no variables');
}

function notServed(header: Buffer): UwsgiRefusal {
  const modifier1 = header.readUInt8(0);
  if (modifier1 === tlsHandshakeRecord && header.readUInt8(1) === 3) {
    return new UwsgiRefusal(
      'tls-on-uwsgi-port',
      'Cannot serve a connection: it begins as TLS; this port speaks uwsgi',
    );
  }
  if (/^[A-Z]{3}[A-Z ]$/.test(header.toString('latin1'))) {
    return new UwsgiRefusal(
      'http-on-uwsgi-port',
      'Cannot serve a connection: it begins as HTTP; this port speaks uwsgi (use uwsgi_pass, not proxy_pass)',
    );
  }
  return new UwsgiRefusal(
    'modifier-not-served',
    `Cannot serve a uwsgi packet: its modifier1 is ${modifier1}, and that is not served`,
  );
}

function malformed(state: string): UwsgiRefusal {
  return new UwsgiRefusal('packet-malformed', `Cannot read a uwsgi packet: ${state}`);
}

const targetVariables = new Set(['REQUEST_URI', 'QUERY_STRING', 'PATH_INFO']);

function tooLarge(block: Buffer, packetBytes: number): UwsgiRefusal {
  const largest = largestVariable(block);
  const reason =
    largest !== undefined && targetVariables.has(largest) ? 'uri-too-long' : 'packet-too-large';
  const blame = largest === undefined ? '' : `; the largest variable is ${largest}`;
  return new UwsgiRefusal(
    reason,
    `Cannot read a uwsgi packet: it has ${block.length} bytes, the limit is ${packetBytes}${blame}`,
    largest,
  );
}
