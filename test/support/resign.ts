/** Certificates that no tool would make: a real one, changed and signed again by its issuer. */

import { createPrivateKey, sign } from 'node:crypto';
import { DerReader, derTags, readWhole } from '../../src/identity/der.ts';
import { encodeBits, encodeSequence } from '../../src/identity/der-writer.ts';
import type { Credential } from './pki.ts';

/** The elements of a version 3 certificate's signed part, DER. */
export interface TbsParts {
  version: Buffer;
  serial: Buffer;
  algorithm: Buffer;
  issuer: Buffer;
  validity: Buffer;
  subject: Buffer;
  publicKey: Buffer;
  extensions: Buffer;
}

const names = [
  'version',
  'serial',
  'algorithm',
  'issuer',
  'validity',
  'subject',
  'publicKey',
  'extensions',
] as const;

/** @param change alters the parts in place; an empty part is left out */
export function resign(
  certificate: Credential,
  issuer: Credential,
  change: (parts: TbsParts) => void,
): Credential {
  const reader = new DerReader(readWhole(certificate.der, derTags.sequence, 'certificate').content);
  const tbs = new DerReader(reader.read(derTags.sequence, 'tbs').content);
  const algorithm = reader.read(derTags.sequence, 'algorithm').raw;
  const parts = Object.fromEntries(
    names.map((name) => [name, Buffer.from(tbs.readAny(name).raw)]),
  ) as unknown as TbsParts;
  change(parts);
  const changed = encodeSequence(...names.map((name) => parts[name]));
  const signature = sign('sha256', changed, createPrivateKey(issuer.key));
  const der = new Uint8Array(encodeSequence(changed, algorithm, encodeBits(signature)));
  return { ...certificate, der, certificate: '', certificatePath: '' };
}

/** Replaces every occurrence of `text` in `bytes` by other text of the same length. */
export function replaceText(bytes: Buffer, text: string, replacement: string): Buffer {
  if (text.length !== replacement.length) throw new RangeError('the lengths differ');
  return Buffer.from(bytes.toString('latin1').replaceAll(text, replacement), 'latin1');
}
