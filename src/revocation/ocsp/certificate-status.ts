/** What an answer says of one certificate (RFC 6960 section 4.2.1, SingleResponse). */

import {
  DerError,
  DerReader,
  derTags,
  readOid,
  readSmallInteger,
  readUnsigned,
  readWhole,
} from '../../identity/der.ts';
import { type CertificateId, hashOid } from './certificate-id.ts';
import { enumeratedTag, hex, readMoment, refuseCritical } from './fields.ts';

export interface CertificateStatus {
  /** Undefined when it is made with another hash than the one of our questions. */
  readonly id: CertificateId | undefined;
  readonly status:
    | { readonly is: 'good' | 'unknown' }
    | { readonly is: 'revoked'; readonly since: Date; readonly reason: number | undefined };
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
}

/** The next SingleResponse. */
export function readStatus(list: DerReader): CertificateStatus {
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
  const reason = wrapper && readWhole(wrapper.content, enumeratedTag, 'reason code').content;
  return { is: 'revoked', since, reason: reason && readSmallInteger(reason, 'reason code') };
}

function readOnly(content: Uint8Array, what: string): Date {
  const reader = new DerReader(content);
  const moment = readMoment(reader, what);
  reader.end(what);
  return moment;
}
