/** A uwsgi client for tests: encodes packets, sends raw bytes, reads the answer to its end. */

import { connect, type NetConnectOpts, type Socket } from 'node:net';

/** In order; a name may stand twice, which a record could not say. */
export type VariablePairs = readonly (readonly [name: string, value: string])[];

export interface Modifiers {
  readonly modifier1?: number;
  readonly modifier2?: number;
}

export interface RawAnswer {
  /** Every byte that came back. */
  readonly bytes: Buffer;
  /** 0 when no status line came. */
  readonly status: number;
  /** Lower-case names; the values of a repeated header joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Whether the connection ended with a reset instead of an orderly end. */
  readonly reset: boolean;
}

export interface SendOptions {
  /** Half-close after the last byte. Fronts do not do it; the default keeps our side open. */
  readonly end?: boolean;
  /** 60,000 unless given: machines do other work as well. */
  readonly timeoutMs?: number;
}

/** The bytes of one packet without a body. Names and values are latin1: one character is one byte. */
export function encodePacket(variables: VariablePairs, modifiers: Modifiers = {}): Buffer {
  const block = encodeVariables(variables);
  return Buffer.concat([encodeHeader(block.length, modifiers), block]);
}

/** The four bytes before the variables; `size` may be a lie. */
export function encodeHeader(size: number, modifiers: Modifiers = {}): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt8(modifiers.modifier1 ?? 0, 0);
  header.writeUInt16LE(size, 1);
  header.writeUInt8(modifiers.modifier2 ?? 0, 3);
  return header;
}

export function encodeVariables(variables: VariablePairs): Buffer {
  return Buffer.concat(variables.flat().map(encodeText));
}

/**
 * The variables that nginx's stock `uwsgi_params` sends for a GET of `target`, then `more`. A name
 * in `more` that is among them takes its place.
 */
export function getVariables(target: string, more: VariablePairs = []): VariablePairs {
  const [path = '', query = ''] = target.split('?', 2);
  const stock: VariablePairs = [
    ['QUERY_STRING', query],
    ['REQUEST_METHOD', 'GET'],
    ['CONTENT_TYPE', ''],
    ['CONTENT_LENGTH', ''],
    ['REQUEST_URI', target],
    ['PATH_INFO', decodeToLatin1(path)],
    ['DOCUMENT_ROOT', '/usr/share/nginx/html'],
    ['SERVER_PROTOCOL', 'HTTP/1.1'],
    ['REQUEST_SCHEME', 'http'],
    ['REMOTE_ADDR', '127.0.0.1'],
    ['REMOTE_PORT', '50000'],
    ['SERVER_PORT', '80'],
    ['SERVER_NAME', 'localhost'],
    ['HTTP_HOST', 'localhost'],
  ];
  const replaced = new Set(more.map(([name]) => name));
  return [...stock.filter(([name]) => !replaced.has(name)), ...more];
}

/** Sends one whole request and reads the answer. */
export function uwsgiRequest(
  address: NetConnectOpts,
  variables: VariablePairs,
  options: SendOptions & Modifiers & { readonly body?: string | Buffer } = {},
): Promise<RawAnswer> {
  const packet = encodePacket(variables, options);
  const body = options.body === undefined ? [] : [Buffer.from(options.body)];
  return sendRaw(address, Buffer.concat([packet, ...body]), options);
}

/** Sends `bytes` as they are and reads until the server ends the connection. */
export async function sendRaw(
  address: NetConnectOpts,
  bytes: Uint8Array,
  options: SendOptions = {},
): Promise<RawAnswer> {
  const socket = connect({ ...address, allowHalfOpen: true });
  socket.write(bytes);
  if (options.end === true) socket.end();
  return readAnswer(socket, options.timeoutMs);
}

/** Reads what `socket` has to say until it ends, then closes it. A reset is an end too. */
export async function readAnswer(socket: Socket, timeoutMs = 60_000): Promise<RawAnswer> {
  const chunks: Buffer[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const timer = setTimeout(
    () => reject(new Error('the server did not end the connection')),
    timeoutMs,
  );
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('end', () => resolve(false));
  socket.on('close', () => resolve(false));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve(true);
    else reject(error);
  });
  try {
    const reset = await promise;
    return { ...parseAnswer(Buffer.concat(chunks)), reset };
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  const length = Buffer.alloc(2);
  length.writeUInt16LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function decodeToLatin1(path: string): string {
  return path.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function parseAnswer(bytes: Buffer): Omit<RawAnswer, 'reset'> {
  const end = bytes.indexOf('\r\n\r\n');
  const head = end === -1 ? '' : bytes.toString('latin1', 0, end);
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? 0);
  return { bytes, status, headers, body: end === -1 ? Buffer.alloc(0) : bytes.subarray(end + 4) };
}
