/** An explanation as JSON: one shape for the command line and the API, which docs/explain.md describes. */

import type { ExplainNode } from './explain.ts';
import type {
  CertificateReport,
  Explanation,
  PlayedRequest,
  RevocationBound,
} from './explanation.ts';
import type { CertificateFinding, RuleFindings } from './findings.ts';

/** What JSON can write. */
export type PresentedValue =
  | null
  | boolean
  | number
  | string
  | readonly PresentedValue[]
  | { readonly [name: string]: PresentedValue };

export type Presented = { readonly [name: string]: PresentedValue };

export function presentExplanation(explanation: Explanation): Presented {
  const { outcome, status, reason, principal, tree, certificate } = explanation;
  return {
    outcome,
    status,
    reason,
    distribution: explanation.distribution ?? null,
    path: explanation.path ?? null,
    principal: principal === undefined ? null : { label: null, ...principal },
    request: presentRequest(explanation.request),
    headers: explanation.headers,
    certificate: certificate === undefined ? null : presentCertificate(certificate),
    tree: tree === undefined ? null : presentNode(tree),
    bounds: explanation.bounds.map(presentBound),
  };
}

function presentRequest(request: PlayedRequest): Presented {
  const { method, secure, password, token, query } = request;
  return {
    method,
    secure,
    address: request.address ?? null,
    user: request.user ?? null,
    password,
    token,
    query,
    remote_user: request.remoteUser ?? null,
  };
}

function presentCertificate(report: CertificateReport): Presented {
  return {
    fingerprint: report.fingerprint,
    problem: report.problem ?? null,
    subject: report.subject ?? null,
    issuer: report.issuer ?? null,
    serial: report.serial ?? null,
    not_before: report.notBefore?.toISOString() ?? null,
    not_after: report.notAfter?.toISOString() ?? null,
    intermediates: report.intermediates,
  };
}

function presentNode({ label, at, outcome, reason, findings, children }: ExplainNode): Presented {
  return {
    label,
    at,
    outcome,
    reason: reason ?? null,
    ...presentFindings(findings),
    children: children.map(presentNode),
  };
}

function presentFindings(findings: RuleFindings | undefined): Presented {
  const { remembered, certificate } = findings ?? {};
  return {
    remembered: remembered === undefined ? null : { ...remembered },
    certificate: certificate === undefined ? null : presentFinding(certificate),
  };
}

function presentFinding(finding: CertificateFinding): Presented {
  const { authorities, isValid, problem, chain, revocation, denyList, grant } = finding;
  return {
    authorities,
    is_valid: isValid,
    problem: problem ?? null,
    chain: chain.map(({ subject, serial, notBefore, notAfter }) => ({
      subject,
      serial,
      not_before: notBefore.toISOString(),
      not_after: notAfter.toISOString(),
    })),
    revocation: {
      is_checked: revocation.isChecked,
      not_on: revocation.notOn ?? null,
      within_seconds: revocation.withinSeconds ?? null,
    },
    deny_list: denyList ?? null,
    grant: grant === undefined ? null : presentGrant(grant),
  };
}

function presentGrant(grant: NonNullable<CertificateFinding['grant']>): Presented {
  return grant.isGranted
    ? { is_granted: true, by: grant.by, reason: null }
    : { is_granted: false, by: null, reason: grant.reason };
}

function presentBound({ change, seconds }: RevocationBound): Presented {
  return { change, seconds: seconds ?? null };
}
