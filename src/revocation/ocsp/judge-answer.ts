/** What an answer says of the one certificate that was asked about, and for how long. */

import type { Certificate } from '../../identity/certificate.ts';
import type { Asked } from '../../plugin.ts';
import { isoTime } from '../describe.ts';
import { type OcspAnswer, parseAnswer } from './answer.ts';
import { type CertificateId, certificateIdOf } from './certificate-id.ts';
import type { CertificateStatus } from './certificate-status.ts';
import { clockSkewSecondsMax, unboundedAnswerSecondsMax } from './limits.ts';
import { findSigner } from './responder.ts';

export interface JudgedAnswer extends Pick<CertificateStatus, 'status' | 'thisUpdate'> {
  /** When it is out of date. */
  readonly until: Date;
}

/**
 * The status, of whatever kind, when the answer is signed by who may, is about this certificate, and is
 * of now; otherwise a clause, as "it says nothing of the certificate".
 */
export function judgeAnswer(
  der: Uint8Array,
  { certificate, issuer }: { readonly certificate: Certificate; readonly issuer: Certificate },
  now: Date,
): Asked<JudgedAnswer> {
  const answer = parseAnswer(der);
  if ('problem' in answer) return answer;
  const signer = findSigner(answer, issuer, now);
  if ('problem' in signer) return signer;
  const id = certificateIdOf(certificate, issuer);
  const [found, another] = answer.statuses.filter((one) => isSame(one.id, id));
  if (found === undefined) return { problem: 'it says nothing of the certificate' };
  if (another !== undefined) return { problem: 'it speaks of the certificate more than once' };
  const problem = dateProblem(answer, found, now);
  if (problem !== undefined) return { problem };
  const until = Math.min(endOf(found), signer.certificate.notAfter.getTime());
  const { status, thisUpdate } = found;
  return { value: { status, thisUpdate, until: new Date(until) } };
}

function isSame(one: CertificateId | undefined, other: CertificateId): boolean {
  return (
    one?.serial === other.serial &&
    one.issuerNameHash === other.issuerNameHash &&
    one.issuerKeyHash === other.issuerKeyHash
  );
}

function dateProblem(
  { producedAt }: OcspAnswer,
  status: CertificateStatus,
  now: Date,
): string | undefined {
  const { thisUpdate, nextUpdate } = status;
  const latest = now.getTime() + clockSkewSecondsMax * 1000;
  if (thisUpdate.getTime() > latest || producedAt.getTime() > latest) {
    return `it is of the future (thisUpdate ${textOf(thisUpdate)}, producedAt ${textOf(producedAt)})`;
  }
  if (nextUpdate !== undefined && nextUpdate <= thisUpdate) {
    return 'its nextUpdate is not after its thisUpdate';
  }
  if (now.getTime() < endOf(status)) return undefined;
  return nextUpdate === undefined
    ? `it is of ${textOf(thisUpdate)}, and says of no time that it is good until then`
    : `it is out of date since ${textOf(nextUpdate)}`;
}

/** Section 4.2.2.1: where there is no nextUpdate, newer answers are there all the time. */
function endOf({ thisUpdate, nextUpdate }: CertificateStatus): number {
  return nextUpdate?.getTime() ?? thisUpdate.getTime() + unboundedAnswerSecondsMax * 1000;
}

function textOf(date: Date): string {
  return isoTime(date.getTime() / 1000);
}
