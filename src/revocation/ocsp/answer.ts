/** The answers of OCSP responders (RFC 6960 section 4.2), parsed strictly; who signed them is not looked at. */

import type { Signed } from '../../identity/algorithms.ts';
import {
  DerError,
  DerReader,
  derTags,
  readOctetAlignedBits,
  readOid,
  readSmallInteger,
  readWhole,
} from '../../identity/der.ts';
import { type CertificateStatus, readStatus } from './certificate-status.ts';
import { enumeratedTag, hex, readMoment, refuseCritical } from './fields.ts';
import { responderCertificatesMax, statusesMax } from './limits.ts';

export interface OcspAnswer extends Signed {
  readonly responder:
    | { readonly by: 'name'; readonly subjectId: string }
    | { readonly by: 'key'; readonly keyHash: string };
  readonly producedAt: Date;
  readonly statuses: readonly CertificateStatus[];
  /** Of responders, DER. */
  readonly certificates: readonly Uint8Array[];
}

/** The answer, or a clause that says why it is none, as "it answers tryLater". */
export function parseAnswer(der: Uint8Array): OcspAnswer | { readonly problem: string } {
  try {
    return readAnswer(der);
  } catch (error) {
    if (error instanceof DerError) return { problem: error.message };
    throw error;
  }
}

const basicResponse = '1.3.6.1.5.5.7.48.1.1';

/** Section 4.2.1, by number; 0 is success. */
const failures: readonly (string | undefined)[] = [
  undefined,
  ...['malformedRequest', 'internalError', 'tryLater', undefined, 'sigRequired', 'unauthorized'],
];

function readAnswer(der: Uint8Array): OcspAnswer {
  const what = 'OCSP response';
  const outer = new DerReader(readWhole(der, derTags.sequence, what).content);
  const status = readSmallInteger(outer.read(enumeratedTag, what).content, what);
  if (status !== 0) throw new DerError(`it answers ${failures[status] ?? `with error ${status}`}`);
  const wrapper = outer.read(0xa0, what).content;
  outer.end(what);
  const bytes = new DerReader(readWhole(wrapper, derTags.sequence, what).content);
  const type = readOid(bytes.read(derTags.oid, what).content, what);
  if (type !== basicResponse) throw new DerError(`its ${what} is of an unknown kind (${type})`);
  const basic = bytes.read(derTags.octetString, what).content;
  bytes.end(what);
  return readBasic(basic);
}

function readBasic(der: Uint8Array): OcspAnswer {
  const what = 'OCSP response';
  const reader = new DerReader(readWhole(der, derTags.sequence, what).content);
  const tbs = reader.read(derTags.sequence, 'signed part');
  const algorithm = reader.read(derTags.sequence, 'signature algorithm').raw;
  const bits = reader.read(derTags.bitString, 'signature').content;
  const certificates = reader.readOptional(0xa0, 'certificates');
  reader.end(what);
  return {
    ...readData(tbs.content),
    tbs: tbs.raw,
    signature: readOctetAlignedBits(bits, 'signature'),
    signatureAlgorithm: hex(algorithm),
    certificates: certificates === undefined ? [] : readCertificates(certificates.content),
  };
}

/** ResponseData. */
function readData(content: Uint8Array): Pick<OcspAnswer, 'responder' | 'producedAt' | 'statuses'> {
  const what = 'signed part';
  const reader = new DerReader(content);
  // Version 1 is never written, and there is no other.
  const version = reader.readOptional(0xa0, 'version');
  if (version !== undefined) throw new DerError('its version is not known');
  const responder = readResponder(reader);
  const producedAt = readMoment(reader, 'producedAt');
  const list = new DerReader(reader.read(derTags.sequence, what).content);
  const extensions = reader.readOptional(0xa1, what);
  reader.end(what);
  if (extensions !== undefined) refuseCritical(extensions.content);
  const statuses: CertificateStatus[] = [];
  while (!list.done) {
    if (statuses.length === statusesMax) {
      throw new DerError(`it speaks of more than ${statusesMax} certificates`);
    }
    statuses.push(readStatus(list));
  }
  return { responder, producedAt, statuses };
}

function readResponder(reader: DerReader): OcspAnswer['responder'] {
  const what = 'responderID';
  const { tag, content } = reader.readAny(what);
  if (tag === 0xa1) {
    return { by: 'name', subjectId: hex(readWhole(content, derTags.sequence, what).raw) };
  }
  if (tag !== 0xa2) throw new DerError(`its ${what} has an unexpected ASN.1 type`);
  return { by: 'key', keyHash: hex(readWhole(content, derTags.octetString, what).content) };
}

function readCertificates(wrapper: Uint8Array): readonly Uint8Array[] {
  const what = 'certificates';
  const reader = new DerReader(readWhole(wrapper, derTags.sequence, what).content);
  const list: Uint8Array[] = [];
  while (!reader.done) {
    if (list.length === responderCertificatesMax) {
      throw new DerError(`it comes with more than ${responderCertificatesMax} certificates`);
    }
    list.push(reader.read(derTags.sequence, what).raw);
  }
  return list;
}
