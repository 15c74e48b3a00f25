/** What nginx writes into its log of decisions: the words of the decision log. */

import type { Allowance } from '../access/decision.ts';
import type { Evidence } from '../model.ts';

export interface Decided {
  readonly distribution: string;
  readonly verdict: Allowance;
  readonly certificate: Evidence['certificate'];
}

/** The longest subject that is written, in UTF-16 code units. */
export const subjectCharactersMax = 256;

/** The longest text for nginx, in bytes: its buffer holds this, and the key of the answer. */
export const decidedBytesMax = 4096;

const beyondPrintable = /[^\x20-\x7e]/g;

/**
 * Members of a JSON object, in printable ASCII, which a header takes and nginx copies as they are.
 *
 * @returns undefined for what is longer than {@link decidedBytesMax}
 */
export function decidedMembers({
  distribution,
  verdict,
  certificate,
}: Decided): string | undefined {
  const { rule, principal } = verdict;
  const members = {
    distribution,
    rule,
    principal: principal && `${principal.kind}:${principal.name}`,
    subject: principal?.label?.slice(0, subjectCharactersMax),
    certificate:
      certificate === undefined || 'unusable' in certificate
        ? undefined
        : `sha256:${certificate.fingerprint}`,
  };
  const text = JSON.stringify(members).slice(1, -1).replaceAll(beyondPrintable, escapeUnit);
  return text.length > decidedBytesMax ? undefined : text;
}

function escapeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
