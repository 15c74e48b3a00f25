/**
 * One connection: the packet, then an exchange, then its end. A connection carries one request, as
 * every front expects.
 */

import type { Socket } from 'node:net';
import { type DecoderOptions, PacketDecoder, pong } from './decoder.ts';
import { Exchange, type ExchangeOptions } from './exchange.ts';
import { type DescribeError, encodeRefusal, type RefusalReason, UwsgiRefusal } from './refusal.ts';

export interface ConnectionOptions extends ExchangeOptions {
  readonly decoder: DecoderOptions;
  /** What the end of the front's bytes means once the request is whole. */
  readonly halfClose: 'abort' | 'serve';
  readonly onRefused: (refusal: UwsgiRefusal, peer: string) => void;
}

/** What the listener can still get wrong is its own; what the front gets wrong is refused here. */
export class Connection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #peer: string;
  readonly #decoder: PacketDecoder;
  #exchange: Exchange | undefined;
  /** What was asked for, once the packet is there. */
  #asked: Parameters<DescribeError>[1];
  /** Set once our last byte is written: what still comes is read and dropped. */
  #isEnding = false;
  /** The one timer of its own: first for the packet, in the end for the front to go. */
  #deadline: NodeJS.Timeout;

  constructor(socket: Socket, peer: string, options: ConnectionOptions) {
    this.#socket = socket;
    this.#peer = peer;
    this.#options = options;
    this.#decoder = new PacketDecoder(options.decoder);
    this.#deadline = setTimeout(() => this.#packetTimedOut(), options.limits.packetSeconds * 1000);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('end', () => this.#peerEnded());
    socket.on('drain', () => this.#exchange?.drained());
    socket.on('timeout', () => this.#idled());
    // A front that goes away while we write is everyday (EPIPE, ECONNRESET); 'close' follows.
    socket.on('error', () => {});
    socket.on('close', () => this.#closed());
  }

  /** Whether it never sent a byte: a probe, or a connection opened ahead of its request. */
  get isSilent(): boolean {
    return this.#decoder.received === 0;
  }

  destroy(): void {
    if (this.#exchange === undefined) this.#socket.destroy();
    else this.#exchange.abort();
  }

  #take(chunk: Buffer): void {
    if (this.#isEnding) return;
    try {
      if (this.#exchange === undefined) this.#takePacket(chunk);
      else this.#exchange.takeBody(chunk);
    } catch (error) {
      this.#refuse(error);
    }
  }

  #takePacket(chunk: Buffer): void {
    const decoded = this.#decoder.push(chunk);
    if (decoded === undefined) return;
    clearTimeout(this.#deadline);
    if (decoded.type === 'ping') {
      this.#endWith(pong);
      return;
    }
    const { variables } = decoded;
    const [method, target] = [variables.get('REQUEST_METHOD'), variables.get('REQUEST_URI')];
    this.#asked = { method: method ?? '', target: target ?? '' };
    const exchange = new Exchange(this.#socket, decoded, this.#options);
    this.#socket.setTimeout(this.#options.limits.idleSeconds * 1000);
    exchange.start(decoded.rest, () => this.#finished());
    this.#exchange = exchange;
  }

  /** The response is with the kernel. */
  #finished(): void {
    if (this.#exchange?.isBodyComplete ?? true) {
      // A socket that is destroyed inside its own write's callback makes an error that nobody reads.
      process.nextTick(() => this.#socket.destroy());
    } else {
      this.#linger();
    }
  }

  #refuse(error: unknown): void {
    if (!(error instanceof UwsgiRefusal)) {
      this.#options.onError(error);
      this.destroy();
      return;
    }
    this.#options.onRefused(error, this.#peer);
    if (this.#exchange !== undefined) {
      this.#isEnding = true;
      this.#exchange.refuse(error);
    } else {
      this.#endWith(encodeRefusal(error, this.#options.describeError, this.#asked));
    }
  }

  #endWith(answer: Buffer | undefined): void {
    if (answer === undefined) this.#socket.destroy();
    else {
      this.#socket.write(answer);
      this.#linger();
    }
  }

  /**
   * Ends our side and drops what still comes: closing with unread bytes would reset the connection,
   * and the front could lose the answer.
   */
  #linger(): void {
    this.#isEnding = true;
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(
      () => this.#socket.destroy(),
      this.#options.limits.lingerSeconds * 1000,
    );
    this.#socket.setTimeout(0);
    this.#socket.end();
    this.#socket.resume();
  }

  #peerEnded(): void {
    if (this.#isEnding) return;
    if (this.#exchange === undefined) {
      if (this.isSilent) this.#socket.destroy();
      else this.#refuse(refusal('packet-truncated', 'the connection ended inside its packet'));
    } else if (!this.#exchange.isBodyComplete) {
      this.#refuse(refusal('body-truncated', 'the connection ended inside its body'));
    } else if (this.#options.halfClose === 'abort') {
      this.#exchange.abort();
    }
  }

  #packetTimedOut(): void {
    if (this.isSilent) {
      this.#socket.destroy();
      return;
    }
    const { packetSeconds } = this.#options.limits;
    this.#refuse(
      refusal('packet-timeout', `its packet did not arrive within ${packetSeconds} seconds`),
    );
  }

  #idled(): void {
    const exchange = this.#exchange;
    if (exchange === undefined || exchange.timedOut()) return;
    const { idleSeconds } = this.#options.limits;
    const reason = exchange.stall;
    if (reason === undefined) this.#socket.setTimeout(idleSeconds * 1000);
    else this.#refuse(refusal(reason, stallDetail(reason, idleSeconds)));
  }

  #closed(): void {
    clearTimeout(this.#deadline);
    this.#exchange?.closed();
  }
}

function stallDetail(reason: 'body-timeout' | 'reader-stalled', idleSeconds: number): string {
  return reason === 'body-timeout'
    ? `no byte of its body came for ${idleSeconds} seconds`
    : `the front took no byte of the response for ${idleSeconds} seconds`;
}

function refusal(reason: RefusalReason, state: string): UwsgiRefusal {
  return new UwsgiRefusal(reason, `Cannot serve a request: ${state}`);
}
