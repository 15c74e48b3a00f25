/**
 * `certificate: { ca, caPem, subject, issuer, crl, ocsp, deny }`: a client certificate with a chain to a CA of
 * the rule's own.
 */

import {
  type AccessRequest,
  type AuthorizerPlugin,
  type Decision,
  type OpenedAuthority,
  openAuthority,
  provedCertificate,
  type VerifiedCertificate,
} from 'portcullis/plugin';
import { nameProblem } from './names.ts';
import { type CertificateOptions, parseOptions, parseStoredOptions } from './options.ts';

/** Seconds an accepted certificate is remembered for at most. */
const rememberSecondsMax = 60;

export const plugin: AuthorizerPlugin<CertificateOptions> = {
  apiVersion: 1,
  name: 'certificate',
  summary: 'lets in clients by a certificate of a CA',
  parseOptions,
  parseStoredOptions,

  async create(options, services) {
    const opened = await openAuthority(options.authority, services, options.revocation);
    const rule: Rule = { options, ...opened, now: services.now };
    return { authorize: (request) => authorize(request, rule) };
  },
};

interface Rule extends OpenedAuthority {
  readonly options: CertificateOptions;
  readonly now: () => Date;
}

async function authorize({ evidence }: AccessRequest, rule: Rule): Promise<Decision> {
  const presented = provedCertificate(evidence);
  if ('unusable' in presented) return refuse(presented.unusable);
  const verdict = await rule.verifier.verify(presented);
  if (!verdict.valid) {
    const whose = verdict.subjectText === undefined ? '' : ` of ${verdict.subjectText}`;
    return refuse(`the certificate${whose} is not accepted under ${rule.label}: ${verdict.reason}`);
  }
  const { certificate } = verdict;
  const problem =
    denialOf(certificate, rule.options) ??
    nameProblem('subject', certificate.subject, rule.options.subject) ??
    nameProblem('issuer', certificate.issuer, rule.options.issuer);
  return problem === undefined ? allow(certificate, rule.now()) : refuse(problem);
}

function denialOf(
  { serial, fingerprint, twinFingerprints, subjectText }: VerifiedCertificate,
  { deniedSerials, deniedFingerprints }: CertificateOptions,
): string | undefined {
  if (deniedSerials.has(serial)) {
    return `the serial number ${serial} of ${subjectText} is on the deny-list`;
  }
  const denied = [fingerprint, ...twinFingerprints].find((one) => deniedFingerprints.has(one));
  return denied && `the fingerprint ${denied} of ${subjectText} is on the deny-list`;
}

/** The principal is the fingerprint: no name in a certificate can be another user's (T07, T19d). */
function allow(certificate: VerifiedCertificate, now: Date): Decision {
  const { fingerprint, subjectText, chainNotAfter, notRevokedBy } = certificate;
  const label = notRevokedBy ? `${subjectText}, not on ${notRevokedBy}` : subjectText;
  const principal = { kind: 'certificate', name: fingerprint, label } as const;
  const secondsLeft = (chainNotAfter.getTime() - now.getTime()) / 1000;
  if (secondsLeft <= 0) return { outcome: 'allow', principal };
  const seconds = Math.min(secondsLeft, rememberSecondsMax);
  return { outcome: 'allow', principal, remember: { seconds, scope: 'distribution' } };
}

function refuse(reason: string): Decision {
  return { outcome: 'deny', reason };
}
