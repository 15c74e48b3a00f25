/** What `portcullis verify` writes. */

import { printable } from '../../terminal/output.ts';
import type { Checked, Finding } from './finding.ts';
import type { VerificationResult } from './verify-storage.ts';

/** Whether nothing is wrong any more. */
export function isRight({ findings }: VerificationResult): boolean {
  return findings.every(({ isRepaired }) => isRepaired);
}

export function resultLines(result: VerificationResult): readonly string[] {
  const { findings, checked } = result;
  return [...findings.map(findingLine), `Looked at ${progressText(checked)}.`, summaryOf(findings)];
}

export function resultJson(result: VerificationResult): string {
  return JSON.stringify({ ok: isRight(result), ...result }, undefined, 2);
}

export function progressText(checked: Readonly<Checked>): string {
  const { artifacts, bytes, units, publications, files, uploads } = checked;
  const gibibytes = (bytes / 1024 ** 3).toFixed(1);
  return `${artifacts} artifacts (${gibibytes} GiB), ${units} units, ${publications} publications (${files} files), ${uploads} uploads`;
}

function findingLine({ kind, message, isRepaired }: Finding): string {
  return printable(`${kind}: ${message}${isRepaired ? ' (repaired)' : ''}`);
}

function summaryOf(findings: readonly Finding[]): string {
  const repaired = findings.filter(({ isRepaired }) => isRepaired).length;
  if (findings.length === 0) return 'No problem found.';
  return `Problems found: ${findings.length}; repaired: ${repaired}.`;
}
