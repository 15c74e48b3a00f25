/** A vassal's side of the channel to its emperor. */

import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import { PortcullisError } from '../errors.ts';
import { createLineReader } from './lines.ts';
import {
  configurationBytesMax,
  type FromVassal,
  reasonCharactersMax,
  type ToVassal,
  vassalDescriptor,
} from './messages.ts';

/** Time in which the emperor tells the configuration, in milliseconds. */
const startMsMax = 10_000;

/** JSON needs up to six bytes for one of the text (`\u0000`); the name and the path are short. */
const emperorLineBytesMax = 6 * configurationBytesMax + 64 * 1024;

/** What to run. It is this text that the emperor has checked, and not what is at the path by now. */
export interface VassalStart {
  /** The name of its file. */
  readonly name: string;
  /** Where the text was read. Relative paths in it start at the directory of this one. */
  readonly file: string;
  readonly text: string;
}

export interface VassalChannel extends Disposable {
  readonly start: VassalStart;
  /**
   * Each is answered by {@link reloaded} with its id. A reload that came before somebody listened is
   * kept for the listener.
   */
  onReload(listener: (id: number, text: string) => void): void;
  /** The emperor is gone: end at once. Called as soon as it is added when that has happened before. */
  onOrphaned(listener: () => void): void;
  /** @param stopSeconds how long it may take to end, once asked */
  ready(addresses: readonly string[], stopSeconds: number): void;
  failed(reason: string): void;
  /** @param reason why the configuration that ran before goes on; undefined when the new one runs */
  reloaded(id: number, reason: string | undefined): void;
}

/**
 * Waits for the first message.
 *
 * @throws PortcullisError USAGE when no emperor is there, or none that speaks in time
 */
export async function openVassalChannel(): Promise<VassalChannel> {
  if (!isSocket(vassalDescriptor)) throw notAVassal('no emperor has started it');
  const socket = new Socket({ fd: vassalDescriptor });
  const { promise, resolve, reject } = Promise.withResolvers<OpenVassalChannel>();
  let channel: OpenVassalChannel | undefined;
  const lines = createLineReader(emperorLineBytesMax, () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    for (const message of lines.read(chunk).map((line): ToVassal => JSON.parse(line))) {
      if (message.type === 'reload') channel?.hearReload(message);
      else channel ??= new OpenVassalChannel(socket, message);
    }
    if (channel !== undefined) resolve(channel);
  });
  // Each is followed by the close, which says all.
  socket.on('error', () => {});
  socket.on('end', () => socket.destroy());
  socket.on('close', () => {
    reject(notAVassal('its emperor is gone'));
    channel?.hearEnd();
  });
  const timer = setTimeout(() => {
    reject(notAVassal('its emperor says nothing'));
    socket.destroy();
  }, startMsMax);
  return promise.finally(() => clearTimeout(timer));
}

class OpenVassalChannel implements VassalChannel {
  readonly start: VassalStart;
  readonly #socket: Socket;
  #isOrphaned = false;
  #waiting: (ToVassal & { type: 'reload' }) | undefined;
  #onReload: ((id: number, text: string) => void) | undefined;
  #onOrphaned = (): void => {};

  constructor(socket: Socket, { name, file, text }: VassalStart) {
    this.#socket = socket;
    this.start = { name, file, text };
  }

  onReload(listener: (id: number, text: string) => void): void {
    this.#onReload = listener;
    const { id, text } = this.#waiting ?? {};
    this.#waiting = undefined;
    if (id !== undefined && text !== undefined) listener(id, text);
  }

  onOrphaned(listener: () => void): void {
    this.#onOrphaned = listener;
    if (this.#isOrphaned) listener();
  }

  ready(addresses: readonly string[], stopSeconds: number): void {
    this.#send({ type: 'ready', addresses, stopSeconds });
  }

  failed(reason: string): void {
    this.#send({ type: 'failed', reason: reason.slice(0, reasonCharactersMax) });
  }

  reloaded(id: number, reason: string | undefined): void {
    const why = reason === undefined ? {} : { reason: reason.slice(0, reasonCharactersMax) };
    this.#send({ type: 'reloaded', id, ...why });
  }

  hearReload(message: ToVassal & { type: 'reload' }): void {
    if (this.#onReload === undefined) this.#waiting = message;
    else this.#onReload(message.id, message.text);
  }

  hearEnd(): void {
    this.#isOrphaned = true;
    this.#onOrphaned();
  }

  [Symbol.dispose](): void {
    this.#onOrphaned = () => {};
    this.#socket.destroySoon();
  }

  #send(message: FromVassal): void {
    if (!this.#socket.destroyed) this.#socket.write(`${JSON.stringify(message)}\n`);
  }
}

function isSocket(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isSocket();
  } catch {
    return false;
  }
}

function notAVassal(state: string): PortcullisError {
  return new PortcullisError(
    'USAGE',
    `Cannot run as a vassal: ${state}; portcullis emperor starts vassals`,
  );
}
