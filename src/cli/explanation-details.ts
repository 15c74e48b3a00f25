/** The rest of an explanation as text: the certificate's way, what the client sees, and the bounds. */

import { describePrincipal, type ExplainNode } from '../access/explain.ts';
import type { CertificateReport, Explanation, RevocationBound } from '../access/explanation.ts';
import type { CertificateFinding, ChainLink } from '../access/findings.ts';
import type { LoggedDecision } from '../explainer.ts';
import { printable } from '../terminal/output.ts';

/** What the log says of a request, before what would be decided now. */
export function describeLogged({ entry, missing }: LoggedDecision): string {
  const { time, method, path, outcome, status, reason, principal } = entry;
  const why = reason === undefined ? '' : `: ${reason}`;
  const who = principal === undefined ? '' : ` to ${principal}`;
  const then = `At ${time.toISOString()}, ${method} ${path} ended with ${outcome}${who}${why}. The client saw ${status}.`;
  return `${[then, ...gapLines(missing), 'Now:'].map(oneLine).join('\n')}\n`;
}

/** What is played without, and what would help. */
function gapLines(missing: LoggedDecision['missing']): readonly string[] {
  if (missing.length === 0) return [];
  const consequences = missing.map((part) => consequencesOfMissing[part]);
  return [`What it came with and nobody kept: ${missing.join(', ')}. ${consequences.join(' ')}`];
}

const consequencesOfMissing = {
  password: 'The password is taken for right, unless --user gives one.',
  token: 'Give the token by --bearer.',
  query: 'For a signed URL, play the whole URL in place of its id.',
  certificate: 'Give the certificate by --cert.',
} as const satisfies Record<LoggedDecision['missing'][number], string>;

export function describeDetails(explanation: Explanation): string {
  const { certificate, tree, status, headers, bounds, principal } = explanation;
  const sections: readonly Section[] = [
    ...(certificate === undefined ? [] : [certificateSection(certificate)]),
    ...(tree === undefined ? [] : rulesOf(tree).flatMap(ruleSection)),
    ...(principal === undefined ? [] : [['Known as', [describePrincipal(principal)]] as const]),
    ['The client sees', [String(status), ...headerLines(headers)]],
    ['A revocation holds', bounds.map(boundLine)],
  ];
  return sections
    .map(
      ([title, lines]) =>
        `\n${oneLine(title)}\n${lines.map((line) => `  ${oneLine(line)}\n`).join('')}`,
    )
    .join('');
}

type Section = readonly [title: string, lines: readonly string[]];

function certificateSection(report: CertificateReport): Section {
  const { fingerprint, problem, subject, issuer, serial, notBefore, notAfter } = report;
  const lines =
    problem === undefined
      ? [
          `subject ${subject}`,
          `issuer ${issuer}`,
          `serial number ${serial}`,
          `valid from ${isoDay(notBefore)} to ${isoDay(notAfter)}`,
          `intermediate certificates with it: ${report.intermediates}`,
        ]
      : [`cannot be read: ${problem}`];
  return ['The certificate', [`fingerprint sha256:${fingerprint}`, ...lines]];
}

function rulesOf(node: ExplainNode): readonly ExplainNode[] {
  return node.findings === undefined ? node.children.flatMap(rulesOf) : [node];
}

function ruleSection({ label, at, findings }: ExplainNode): readonly Section[] {
  const { remembered, certificate } = findings ?? {};
  const lines = [
    ...(certificate === undefined ? [] : findingLines(certificate)),
    ...(remembered === undefined
      ? []
      : [`remembered here: ${remembered.outcome}, for ${remembered.seconds} seconds more`]),
  ];
  return lines.length === 0 ? [] : [[`The rule ${label} at ${at}`, lines]];
}

function findingLines(finding: CertificateFinding): readonly string[] {
  const { authorities, isValid, problem, chain, revocation, denyList, grant } = finding;
  const { isChecked, notOn, withinSeconds } = revocation;
  return [
    `${isValid ? 'valid' : 'not valid'} under ${authorities}${problem === undefined ? '' : `: ${problem}`}`,
    ...chain.map((link, index) => `${index === 0 ? 'chain' : '  by'} ${linkText(link)}`),
    isChecked
      ? `revocation: ${notOn === undefined ? 'refused, or not told' : `not on ${notOn}`}; a change holds within ${withinSeconds} seconds`
      : 'revocation: the rule asks for none',
    ...(denyList === undefined ? [] : [`deny-list of the store: ${denyListTexts[denyList]}`]),
    ...(grant === undefined ? [] : [grantText(grant)]),
  ];
}

const denyListTexts = {
  listed: 'it is on it',
  'not listed': 'it is not on it',
  none: 'there is no store',
} as const;

function grantText(grant: NonNullable<CertificateFinding['grant']>): string {
  return grant.isGranted ? `grants the path by ${grant.by}` : `does not grant it: ${grant.reason}`;
}

function linkText({ subject, serial, notBefore, notAfter }: ChainLink): string {
  return `${subject}, serial number ${serial}, ${isoDay(notBefore)} to ${isoDay(notAfter)}`;
}

function headerLines(headers: Explanation['headers']): readonly string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((one) => `${name}: ${one}`),
  );
}

function boundLine({ change, seconds }: RevocationBound): string {
  return seconds === undefined
    ? `at the next reload, after ${change}`
    : `${seconds} seconds after ${change}`;
}

function isoDay(date: Date | undefined): string {
  return date?.toISOString() ?? '';
}

function oneLine(text: string): string {
  return printable(text).replaceAll('\n', ' ');
}
