/** Revocation lists made by the openssl program, and from them lists that no tool would make. */

import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { derTags } from '../../src/identity/der.ts';
import { DerCursor } from '../../src/revocation/der-cursor.ts';
import { type Credential, daysFrom } from '../support/pki.ts';
import { runOk } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';

export interface ListOptions {
  readonly revoked?: readonly RevokedEntry[];
  /** An hour ago unless given. */
  readonly thisUpdate?: Date;
  /** In a week unless given. */
  readonly nextUpdate?: Date;
  /** 1 unless given; undefined makes a list without. */
  readonly number?: bigint | undefined;
  readonly digest?: 'sha256' | 'sha384' | 'sha1';
  /** Lines of openssl's configuration of extensions, besides the number. */
  readonly extensions?: readonly string[];
}

export interface RevokedEntry {
  /** Hex, an even number of digits, as openssl prints it. */
  readonly serial: string;
  /** In openssl's words, as `keyCompromise`. */
  readonly reason?: string;
}

/** When the entries of {@link makeList} were revoked. */
export const revokedAt = new Date('2026-03-01T12:00:00Z');

/** @returns DER */
export async function makeList(
  authority: Pick<Credential, 'certificatePath' | 'keyPath'>,
  options: ListOptions = {},
): Promise<Uint8Array> {
  using directory = temporaryDirectory();
  const { revoked = [], digest = 'sha256' } = options;
  const { thisUpdate = daysFrom(new Date(), -1 / 24), nextUpdate = daysFrom(new Date(), 7) } =
    options;
  const lines = revoked.map(({ serial, reason }) => {
    const since = `${asn1Time(revokedAt).slice(2)}${reason === undefined ? '' : `,${reason}`}`;
    return `R\t351231235959Z\t${since}\t${serial.toUpperCase()}\tunknown\t/CN=${serial}\n`;
  });
  writeFileSync(directory.file('index.txt'), lines.join(''));
  writeFileSync(directory.file('openssl.cnf'), configuration(directory.path, options));
  await runOk('openssl', [
    ...['ca', '-gencrl', '-config', directory.file('openssl.cnf'), '-md', digest],
    ...['-cert', authority.certificatePath, '-keyfile', authority.keyPath],
    ...['-crl_lastupdate', asn1Time(thisUpdate), '-crl_nextupdate', asn1Time(nextUpdate)],
    ...['-out', directory.file('list.pem')],
  ]);
  const der = ['-outform', 'DER', '-out', directory.file('list.der')];
  await runOk('openssl', ['crl', '-in', directory.file('list.pem'), ...der]);
  return new Uint8Array(readFileSync(directory.file('list.der')));
}

export function listToPem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN X509 CRL-----', ...lines, '-----END X509 CRL-----', ''].join('\n');
}

/** The elements of a list's signed part in their order, to be changed; signed again by the CA. */
export function resignList(
  der: Uint8Array,
  authority: Credential,
  change: (elements: Buffer[]) => void,
): Uint8Array {
  const elements = elementsOf(contentOf(contentOf(der)));
  const algorithm = elements.find(({ length, 0: tag }) => tag === derTags.sequence && length < 20);
  change(elements);
  return signList(Buffer.concat(elements), algorithm ?? Buffer.alloc(0), authority);
}

/** A list of `count` certificates with serial numbers of 16 bytes, in no order. */
export function hugeList(
  authority: Credential,
  template: Uint8Array,
  serialOf: (index: number) => Buffer,
  count: number,
): Uint8Array {
  const date = Buffer.from('170d3236303330313132303030305a', 'hex');
  const entries = Array.from({ length: count }, (_, index) =>
    element(derTags.sequence, element(derTags.integer, serialOf(index)), date),
  );
  return resignList(template, authority, (elements) => {
    const place = elements.findIndex(({ 0: tag }) => tag === 0xa0);
    elements.splice(place, 0, element(derTags.sequence, Buffer.concat(entries)));
  });
}

/** Serial numbers of {@link hugeList}, spread over all values; positive and of 16 bytes. */
export function spreadSerial(index: number): Buffer {
  const serial = Buffer.alloc(16);
  serial.writeUInt32BE(0x40000000 | (Math.imul(index, 0x9e3779b1) >>> 3));
  serial.writeUInt32BE(index, 12);
  return serial;
}

/** An element of any length. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const length = contents.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const digits = length.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  const header = length < 0x80 ? [length] : [0x80 | bytes.length, ...bytes];
  return Buffer.concat([Buffer.of(tag, ...header), ...contents]);
}

/** The elements that `content` is made of. */
export function elementsOf(content: Uint8Array): Buffer[] {
  const cursor = new DerCursor(content);
  const elements: Buffer[] = [];
  while (cursor.offset < content.length) {
    const tag = content[cursor.offset] ?? 0;
    elements.push(Buffer.from(cursor.take(tag, content.length, 'element')));
  }
  return elements;
}

/** The content of the element with which `der` begins. */
export function contentOf(der: Uint8Array): Uint8Array {
  const cursor = new DerCursor(der);
  const end = cursor.enter(der[0] ?? 0, der.length, 'element');
  return der.subarray(cursor.offset, end);
}

function signList(content: Uint8Array, algorithm: Uint8Array, authority: Credential): Uint8Array {
  const tbs = element(derTags.sequence, content);
  const signature = sign('sha256', tbs, createPrivateKey(authority.key));
  const bits = element(derTags.bitString, Buffer.of(0), signature);
  return new Uint8Array(element(derTags.sequence, tbs, algorithm, bits));
}

function configuration(directory: string, options: ListOptions): string {
  const { extensions = [] } = options;
  const number = 'number' in options ? options.number : 1n;
  const hex = number?.toString(16) ?? '';
  if (number !== undefined) {
    const padded = hex.padStart(hex.length + (hex.length % 2), '0');
    writeFileSync(path.join(directory, 'number'), `${padded}\n`);
  }
  return `[ca]
default_ca = issue
[issue]
database = ${directory}/index.txt
unique_subject = no
${number === undefined ? '' : `crlnumber = ${directory}/number`}
${number === undefined && extensions.length === 0 ? '' : 'crl_extensions = extensions'}
[extensions]
${extensions.join('\n')}
`;
}

/** GeneralizedTime; openssl writes UTCTime where RFC 5280 section 5.1.2.4 wants it. */
function asn1Time(date: Date): string {
  return `${date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
}
