/** One request over a connection of its own, within limits, and its whole response. */

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request } from 'node:https';

/** The longest response taken, in bytes. */
export const responseBytesMax = 64 * 1024 * 1024;

/** The longest time for a connection with its TLS handshake, in milliseconds. */
export const connectMsMax = 30_000;

/** The longest time for a whole call, in milliseconds: that of pulp-admin. */
export const callMsMax = 120_000;

export interface ExchangeRequest {
  readonly host: string;
  readonly port: number;
  readonly method: string;
  /** With its query, percent-encoded. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
  readonly tls: {
    readonly ca: readonly string[] | undefined;
    readonly rejectUnauthorized: boolean;
    /** A certificate with its key, PEM. */
    readonly client: string | undefined;
  };
}

export interface ExchangeResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface ExchangeLimits {
  readonly bytesMax: number;
  readonly connectMsMax: number;
  readonly callMsMax: number;
}

/** Why there is no response, besides the errors of node:https. */
export class ExchangeLimitError extends Error {
  override readonly name = 'ExchangeLimitError';
}

const defaults: ExchangeLimits = { bytesMax: responseBytesMax, connectMsMax, callMsMax };

/** @throws ExchangeLimitError, and what node:https gives for a connection that fails */
export async function exchange(
  sent: ExchangeRequest,
  limits: ExchangeLimits = defaults,
): Promise<ExchangeResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<ExchangeResponse>();
  const outgoing = request({
    host: sent.host,
    port: sent.port,
    method: sent.method,
    path: sent.target,
    headers: { ...sent.headers, ...lengthOf(sent.body) },
    agent: false,
    ...(sent.tls.ca !== undefined && { ca: [...sent.tls.ca] }),
    rejectUnauthorized: sent.tls.rejectUnauthorized,
    ...(sent.tls.client !== undefined && { cert: sent.tls.client, key: sent.tls.client }),
  });
  const giveUp = (what: string, ms: number): void => {
    outgoing.destroy(new ExchangeLimitError(`${what} within ${ms / 1000} s`));
  };
  const connecting = setTimeout(
    () => giveUp('there was no connection', limits.connectMsMax),
    limits.connectMsMax,
  );
  const calling = setTimeout(
    () => giveUp('there was no whole answer', limits.callMsMax),
    limits.callMsMax,
  );
  outgoing.on('socket', (socket) => socket.once('secureConnect', () => clearTimeout(connecting)));
  outgoing.on('error', reject);
  outgoing.on('response', (incoming) => {
    receive(incoming, limits.bytesMax).then(resolve, (error) => {
      outgoing.destroy();
      reject(error);
    });
  });
  outgoing.end(sent.body);
  try {
    return await promise;
  } finally {
    clearTimeout(connecting);
    clearTimeout(calling);
  }
}

function lengthOf(body: string | Uint8Array | undefined): Record<string, string> {
  return body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
}

async function receive(incoming: IncomingMessage, bytesMax: number): Promise<ExchangeResponse> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bytesMax) {
      throw new ExchangeLimitError(`the answer is longer than ${bytesMax} bytes`);
    }
    chunks.push(chunk);
  }
  const { statusCode = 0, headers } = incoming;
  return { status: statusCode, headers, text: Buffer.concat(chunks).toString() };
}
