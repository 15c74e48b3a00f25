/**
 * Whom the certificates of our own CA stand for, and how their subjects say it. The forms are those
 * of Pulp 2, so that its certificates go on to be good: `CN=admin:<login>:<id>` for a user and
 * `CN=<id>,UID=<record>` for a consumer. Each form excludes the other by its attributes, and not by
 * what stands in the store: a user who was deleted never turns into a consumer.
 */

import { isDeepStrictEqual } from 'node:util';
import type { NameAttribute } from '../plugin.ts';

export type CertificateHolder = UserHolder | ConsumerHolder;

export interface UserHolder {
  readonly kind: 'user';
  readonly login: string;
  /** The user's `_id`. A user who was made anew under the same login has another. */
  readonly id: string;
}

export interface ConsumerHolder {
  readonly kind: 'consumer';
  /** As in `/v2/consumers/<id>/`. */
  readonly id: string;
  /** The `_id` of the consumer's document. */
  readonly record: string;
}

/** Characters of a login or of a consumer's id in a certificate. */
export const holderNameMax = 255;

const commonNameOid = '2.5.4.3';
const userIdOid = '0.9.2342.19200300.100.1.1';

/** @throws TypeError for a holder that {@link readHolder} would not give back: a defect of the caller */
export function subjectOf(holder: CertificateHolder): readonly NameAttribute[] {
  const subject = attributesOf(holder);
  if (!isDeepStrictEqual(readHolder(subject), holder)) {
    throw new TypeError(`Cannot write the subject of a certificate: the ${holder.kind} is not one`);
  }
  return subject;
}

/**
 * The holder that a subject names; undefined when it is of neither form. Whether there is such a
 * holder, with just this id, is for the store to say.
 */
export function readHolder(subject: readonly NameAttribute[]): CertificateHolder | undefined {
  const [first, second, ...rest] = subject;
  if (first?.oid !== commonNameOid || rest.length > 0) return undefined;
  if (second === undefined) return readUser(first.value);
  return second.oid === userIdOid ? readConsumer(first.value, second.value) : undefined;
}

function attributesOf(holder: CertificateHolder): readonly NameAttribute[] {
  return holder.kind === 'user'
    ? [{ oid: commonNameOid, value: `admin:${holder.login}:${holder.id}` }]
    : [
        { oid: commonNameOid, value: holder.id },
        { oid: userIdOid, value: holder.record },
      ];
}

function readUser(commonName: string): UserHolder | undefined {
  const [prefix, login = '', id = '', ...rest] = commonName.split(':');
  if (prefix !== 'admin' || rest.length > 0) return undefined;
  return isName(login) && isDocumentId(id) ? { kind: 'user', login, id } : undefined;
}

function readConsumer(id: string, record: string): ConsumerHolder | undefined {
  return isName(id) && isDocumentId(record) ? { kind: 'consumer', id, record } : undefined;
}

/** As Pulp 2 has names. None has a colon or a slash, and each is a segment of a path. */
function isName(text: string): boolean {
  if (text === '.' || text === '..') return false;
  return text.length <= holderNameMax && /^[.@\-_A-Za-z0-9]+$/.test(text);
}

/** As the store makes them, and MongoDB before it. */
function isDocumentId(text: string): boolean {
  return /^[0-9a-f]{24}$/.test(text);
}
