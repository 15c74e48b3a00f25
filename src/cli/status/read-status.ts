/** The status of a running instance or emperor, from its stats socket. */

import { connect } from 'node:net';
import { systemCodeOf, systemReason } from '../../errors.ts';
import { describeAddress, type ListenAddress } from '../../listen-address.ts';
import type { PortcullisStatus } from '../../metrics/portcullis-status.ts';
import { type EmperorView, parseEmperor } from './parse-emperor.ts';
import { parseStatus } from './parse-status.ts';
import { jsonOf } from './untrusted.ts';

/** The longest document taken, in bytes. */
export const statusBytesMax = 8 * 1024 * 1024;

/** The longest time for a whole document, in milliseconds. */
export const statusMsMax = 5000;

/** What answers. `problem` says as a sentence why there is nothing. */
export type StatusReading =
  | { readonly status: PortcullisStatus }
  | { readonly emperor: EmperorView }
  | { readonly problem: string };

export interface ReadStatusOptions {
  readonly bytesMax?: number;
  readonly msMax?: number;
  /** Gives up when it is aborted. */
  readonly signal?: AbortSignal;
}

export async function readStatus(
  address: ListenAddress,
  options: ReadStatusOptions = {},
): Promise<StatusReading> {
  const { bytesMax = statusBytesMax, msMax = statusMsMax } = options;
  const late = AbortSignal.timeout(msMax);
  const signal = options.signal === undefined ? late : AbortSignal.any([late, options.signal]);
  const failure = (state: string): StatusReading => ({
    problem: `Cannot read the status at ${describeAddress(address)}: ${state}`,
  });
  try {
    const bytes = await receive(address, bytesMax, signal);
    if (bytes === undefined) return failure(`it is longer than ${bytesMax} bytes`);
    if (bytes.length === 0) return failure('it was closed without an answer; it may be busy');
    const document = jsonOf(bytes.toString());
    const status = parseStatus(document);
    if (status !== undefined) return { status };
    const emperor = parseEmperor(document);
    if (emperor !== undefined) return { emperor };
    return failure('what listens there is no Portcullis; monitor.stats.address names it');
  } catch (error) {
    return failure(reasonOf(error, msMax));
  }
}

/** Undefined when it is too long. */
async function receive(
  address: ListenAddress,
  bytesMax: number,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const where =
    address.type === 'unix' ? { path: address.path } : { host: address.host, port: address.port };
  const socket = connect({ ...where, signal });
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > bytesMax) return undefined;
      chunks.push(chunk);
    }
  } finally {
    socket.destroy();
  }
  return Buffer.concat(chunks);
}

function reasonOf(error: unknown, msMax: number): string {
  switch (systemCodeOf(error)) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return 'nothing listens there; portcullis serve with this monitor.stats.address would, and portcullis emperor with this --stats';
    case 'EACCES':
      return 'permission is denied; monitor.stats.mode, owner and group say who may';
    case 'EAGAIN':
      return 'too many clients wait there';
    case 'ABORT_ERR':
      return `there was no whole answer within ${msMax / 1000} s`;
    default:
      return systemReason(error);
  }
}
