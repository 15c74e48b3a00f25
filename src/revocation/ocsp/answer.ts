/** The answers of OCSP responders (RFC 6960 section 4.2), parsed strictly; who signed them is not looked at. */

import type { Signed } from '../../identity/algorithms.ts';
import {
  DerError,
  DerReader,
  derTags,
  readBoolean,
  readOctetAlignedBits,
  readOid,
  readSmallInteger,
  readUnsigned,
  readWhole,
} from '../../identity/der.ts';
import { parseTime } from '../../identity/der-time.ts';
import { type CertificateId, hashOid } from './certificate-id.ts';
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

export interface CertificateStatus {
  /** Undefined when it is made with another hash than the one of our questions. */
  readonly id: CertificateId | undefined;
  readonly status:
    | { readonly is: 'good' | 'unknown' }
    | { readonly is: 'revoked'; readonly since: Date; readonly reason: number | undefined };
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
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

const enumerated = 0x0a;
const basicResponse = '1.3.6.1.5.5.7.48.1.1';

/** Section 4.2.1, by number; 0 is success. */
const failures: readonly (string | undefined)[] = [
  undefined,
  ...['malformedRequest', 'internalError', 'tryLater', undefined, 'sigRequired', 'unauthorized'],
];

function readAnswer(der: Uint8Array): OcspAnswer {
  const what = 'OCSP response';
  const outer = new DerReader(readWhole(der, derTags.sequence, what).content);
  const status = readSmallInteger(outer.read(enumerated, what).content, what);
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

/** SingleResponse. */
function readStatus(list: DerReader): CertificateStatus {
  const what = 'certificate status';
  const reader = new DerReader(list.read(derTags.sequence, what).content);
  const id = readId(reader);
  const status = readVerdict(reader);
  const thisUpdate = readMoment(reader, 'thisUpdate');
  const wrapper = reader.readOptional(0xa0, 'nextUpdate');
  const extensions = reader.readOptional(0xa1, what);
  reader.end(what);
  if (extensions !== undefined) refuseCritical(extensions.content);
  return { id, status, thisUpdate, nextUpdate: wrapper && readOnly(wrapper.content, 'nextUpdate') };
}

function readId(list: DerReader): CertificateId | undefined {
  const what = 'certID';
  const reader = new DerReader(list.read(derTags.sequence, what).content);
  const algorithm = new DerReader(reader.read(derTags.sequence, what).content);
  const oid = readOid(algorithm.read(derTags.oid, what).content, what);
  const issuerNameHash = hex(reader.read(derTags.octetString, what).content);
  const issuerKeyHash = hex(reader.read(derTags.octetString, what).content);
  const serial = readUnsigned(reader.read(derTags.integer, what).content, what);
  reader.end(what);
  if (oid !== hashOid) return undefined;
  return { issuerNameHash, issuerKeyHash, serial: hex(serial).replace(/^0/, '') || '0' };
}

function readVerdict(reader: DerReader): CertificateStatus['status'] {
  const what = 'certificate status';
  const { tag, content } = reader.readAny(what);
  if ((tag === 0x80 || tag === 0x82) && content.length === 0) {
    return { is: tag === 0x80 ? 'good' : 'unknown' };
  }
  if (tag !== 0xa1) throw new DerError(`its ${what} has an unexpected ASN.1 type`);
  const revoked = new DerReader(content);
  const since = readMoment(revoked, 'date of revocation');
  const wrapper = revoked.readOptional(0xa0, 'reason code');
  revoked.end(what);
  const reason = wrapper && readWhole(wrapper.content, enumerated, 'reason code').content;
  return { is: 'revoked', since, reason: reason && readSmallInteger(reason, 'reason code') };
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

/** None is known here; those that are not critical, as a nonce, say nothing that counts. */
function refuseCritical(wrapper: Uint8Array): void {
  const reader = new DerReader(readWhole(wrapper, derTags.sequence, 'extensions').content);
  while (!reader.done) {
    const extension = new DerReader(reader.read(derTags.sequence, 'extensions').content);
    const oid = readOid(extension.read(derTags.oid, 'extensions').content, 'extensions');
    const critical = extension.readOptional(derTags.boolean, 'extensions');
    extension.read(derTags.octetString, 'extensions');
    extension.end('extensions');
    if (critical !== undefined && readBoolean(critical.content, 'extensions')) {
      throw new DerError(`it has a critical extension that is not known here (${oid})`);
    }
  }
}

function readOnly(content: Uint8Array, what: string): Date {
  const reader = new DerReader(content);
  const moment = readMoment(reader, what);
  reader.end(what);
  return moment;
}

function readMoment(reader: DerReader, what: string): Date {
  const moment = parseTime(
    derTags.generalizedTime,
    reader.read(derTags.generalizedTime, what).content,
  );
  if (moment === undefined) throw new DerError(`its ${what} is not a time`);
  return moment;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
