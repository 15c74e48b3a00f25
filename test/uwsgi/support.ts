/** What the tests of this folder share. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Decoded, type DecoderOptions, PacketDecoder } from '../../src/uwsgi/decoder.ts';
import type { UwsgiListener } from '../../src/uwsgi/exchange.ts';
import { UwsgiRefusal } from '../../src/uwsgi/refusal.ts';
import {
  createUwsgiServer,
  type Refused,
  type UwsgiServer,
  type UwsgiServerOptions,
} from '../../src/uwsgi/server.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { type Expected, scenarios } from './fixtures/scenarios.ts';

export type DecodedRequest = Extract<Decoded, { type: 'request' }>;

export const defaultDecoderOptions: DecoderOptions = {
  packetBytes: 65_535,
  packetVariables: 1000,
  modifiers: new Set([0, 30]),
};

export interface Fixture {
  readonly name: string;
  readonly bytes: Buffer;
  readonly expected: Expected;
}

export const fixtures: readonly Fixture[] = scenarios.map(({ name }) => {
  const file = path.join(import.meta.dirname, 'fixtures', name);
  return {
    name,
    bytes: readFileSync(`${file}.bin`),
    expected: JSON.parse(readFileSync(`${file}.json`, 'utf8')) as Expected,
  };
});

/** Feeds `chunks` to one decoder; what follows the packet is gathered into `rest`. */
export function decode(
  chunks: readonly Buffer[],
  options: Partial<DecoderOptions> = {},
): Decoded | undefined {
  const decoder = new PacketDecoder({ ...defaultDecoderOptions, ...options });
  let decoded: Decoded | undefined;
  const rest: Buffer[] = [];
  for (const chunk of chunks) {
    if (decoded === undefined) decoded = decoder.push(chunk);
    else rest.push(chunk);
  }
  if (decoded?.type !== 'request') return decoded;
  return { ...decoded, rest: Buffer.concat([decoded.rest, ...rest]) };
}

export function decodeRequest(bytes: Buffer, options?: Partial<DecoderOptions>): DecodedRequest {
  const decoded = decode([bytes], options);
  if (decoded?.type !== 'request') throw new Error('no whole request');
  return decoded;
}

export function oneByteAtATime(bytes: Buffer): readonly Buffer[] {
  return Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
}

/** For `assert.throws`: a refusal for exactly this reason. */
export function isRefusal(reason: string): (error: unknown) => boolean {
  return (error) => error instanceof UwsgiRefusal && error.reason === reason;
}

export interface RunningServer extends AsyncDisposable {
  readonly server: UwsgiServer;
  /** Of its unix socket, or of its TCP port on loopback. */
  readonly address: { readonly path: string } | { readonly host: string; readonly port: number };
  readonly refused: Refused[];
  readonly errors: unknown[];
}

/** A server on a unix socket, or on a free port of `host`. */
export async function startServer(
  listener: UwsgiListener,
  options: UwsgiServerOptions & { readonly host?: string } = {},
): Promise<RunningServer> {
  const directory = temporaryDirectory();
  const refused: Refused[] = [];
  const errors: unknown[] = [];
  const server = createUwsgiServer(
    {
      ...options,
      onRefused: (refusal) => refused.push(refusal),
      onError: (error) => errors.push(error),
    },
    listener,
  );
  const socketPath = directory.file('uwsgi.sock');
  await server.listen(options.host ? { host: options.host, port: 0 } : { path: socketPath });
  const bound = server.address();
  const address =
    bound === null || typeof bound === 'string'
      ? { path: socketPath }
      : { host: bound.address, port: bound.port };
  return {
    server,
    address,
    refused,
    errors,
    [Symbol.asyncDispose]: async () => {
      await server.close();
      directory[Symbol.dispose]();
    },
  };
}
