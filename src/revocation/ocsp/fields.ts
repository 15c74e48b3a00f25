/** Fields that several parts of an answer have. */

import {
  DerError,
  DerReader,
  derTags,
  readBoolean,
  readOid,
  readWhole,
} from '../../identity/der.ts';
import { parseTime } from '../../identity/der-time.ts';

/** ENUMERATED. */
export const enumeratedTag = 0x0a;

/** None is known here; those that are not critical, as a nonce, say nothing that counts. */
export function refuseCritical(wrapper: Uint8Array): void {
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

/** The next GeneralizedTime, which alone is allowed. */
export function readMoment(reader: DerReader, what: string): Date {
  const moment = parseTime(
    derTags.generalizedTime,
    reader.read(derTags.generalizedTime, what).content,
  );
  if (moment === undefined) throw new DerError(`its ${what} is not a time`);
  return moment;
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
