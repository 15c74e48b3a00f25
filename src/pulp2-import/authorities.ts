/** The CA files of Pulp's certificate bundles, read as Pulp reads them and judged as we do. */

import { messageOf } from '../errors.ts';
import { AuthorityStore } from '../identity/authority-store.ts';
import { type Certificate, parseCertificate } from '../identity/certificate.ts';
import { anchorProblem, dateProblem } from '../identity/certificate-rules.ts';
import { describeName } from '../identity/distinguished-name.ts';
import { authorityPemLimits, certificateToPem, parseCertificatePem } from '../pem.ts';
import type { Installation } from './installation.ts';

export type Authority =
  | { readonly state: 'absent'; readonly file: string }
  /** `problem` is a clause. */
  | { readonly state: 'unusable'; readonly file: string; readonly problem: string }
  | {
      readonly state: 'usable';
      readonly file: string;
      /** Nothing but the certificates that are usable as CAs. */
      readonly pem: string;
      /** Clauses about what is not in `pem`, or lets nobody in. */
      readonly reservations: readonly string[];
      /** Whether Pulp, which wants a root at the end of each chain, would accept nobody by it. */
      readonly hasRoot: boolean;
    };

/**
 * Pulp takes the first certificates of the file and ignores what is between them.
 *
 * @param file in the installation
 * @param certificatesMax how many of them count
 */
export async function readAuthority(
  installation: Installation,
  file: string,
  certificatesMax: number,
): Promise<Authority> {
  const shown = installation.onHost(file);
  try {
    const text = await installation.readText(file, 2 * authorityPemLimits.bytesMax);
    return text === undefined
      ? { state: 'absent', file: shown }
      : judgeAuthority(text, shown, certificatesMax);
  } catch (error) {
    return { state: 'unusable', file: shown, problem: messageOf(error) };
  }
}

/** @param file names where the text is from */
export function judgeAuthority(text: string, file: string, certificatesMax: number): Authority {
  return { file, ...judge(blocksOf(text), certificatesMax) };
}

type Judgement =
  | Pick<Extract<Authority, { readonly state: 'unusable' }>, 'state' | 'problem'>
  | Omit<Extract<Authority, { readonly state: 'usable' }>, 'file'>;

function judge(blocks: readonly string[], certificatesMax: number): Judgement {
  if (blocks.length === 0) return { state: 'unusable', problem: 'it holds no certificate' };
  const reservations: string[] = [];
  if (blocks.length > certificatesMax) {
    reservations.push(`of its ${blocks.length} certificates the first ${certificatesMax} count`);
  }
  const usable: Certificate[] = [];
  for (const [index, block] of blocks.slice(0, certificatesMax).entries()) {
    const certificate = readCertificate(block);
    if ('problem' in certificate) {
      reservations.push(`certificate ${index + 1} ${certificate.problem}`);
      continue;
    }
    const date = dateProblem(certificate, new Date());
    if (date !== undefined) {
      reservations.push(`${describeName(certificate.subject)} lets nobody in: ${date}`);
    }
    usable.push(certificate);
  }
  if (new AuthorityStore(usable).anchors.length === 0) {
    return { state: 'unusable', problem: `it holds no usable CA: ${reservations.join('; ')}` };
  }
  return {
    state: 'usable',
    pem: usable.map(({ der }) => certificateToPem(der)).join(''),
    reservations,
    hasRoot: usable.some(({ issuerId, subjectId }) => issuerId === subjectId),
  };
}

function readCertificate(block: string): Certificate | { readonly problem: string } {
  const pem = parseCertificatePem(block, authorityPemLimits);
  if ('problem' in pem) return { problem: `cannot be read: ${pem.problem}` };
  const [der = new Uint8Array()] = pem.certificates;
  const certificate = parseCertificate(der);
  if ('problem' in certificate) return { problem: `cannot be read: ${certificate.problem}` };
  const problem = anchorProblem(certificate);
  return problem === undefined
    ? certificate
    : { problem: `(${describeName(certificate.subject)}) is no usable CA: ${problem}` };
}

const begin = '-----BEGIN CERTIFICATE-----';
const end = '-----END CERTIFICATE-----';

/** Searched for without a regular expression, which a file of beginnings could make slow. */
function blocksOf(text: string): readonly string[] {
  const blocks: string[] = [];
  for (let start = text.indexOf(begin); start >= 0; ) {
    const stop = text.indexOf(end, start);
    if (stop < 0) break;
    blocks.push(text.slice(start, stop + end.length));
    start = text.indexOf(begin, stop);
  }
  return blocks;
}
