/**
 * `entitlement: { ca, caPem, crl, ocsp }`: a client certificate with a chain to a CA of the rule's own,
 * and in it a path that leads to what is asked for.
 */

import {
  type AccessRequest,
  type AuthoritySource,
  type AuthorizerPlugin,
  type Decision,
  type Entitlement,
  type EntitlementFinding,
  joinRevocation,
  type OpenedAuthority,
  openAuthority,
  parseAuthority,
  parseOcsp,
  parseOptionsWith,
  parseRevocation,
  provedCertificate,
  type RevocationOptions,
  type Services,
  type VerifiedCertificate,
} from 'portcullis/plugin';
import { z } from 'zod';

export interface EntitlementOptions {
  readonly authority: AuthoritySource;
  /** Without it no revocation list is read, and no responder asked. */
  readonly revocation: RevocationOptions | undefined;
}

/** Seconds an accepted certificate is remembered for at most. */
const rememberSecondsMax = 60;

const schema = z.strictObject(
  {
    ca: z.string('has to be the path of a file of CA certificates').min(1, 'is empty').optional(),
    caPem: z.string('has to be CA certificates in PEM').optional(),
    crl: z.unknown().optional(),
    ocsp: z.unknown().optional(),
  },
  {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys'
        ? `has no setting ${JSON.stringify(keys[0])}; there are ca, caPem, crl and ocsp`
        : 'has to be a map with ca or caPem',
  },
);

/** Without a file of CAs, and without revocation lists, which are files and addresses. */
const storedSchema = z.strictObject(
  { caPem: z.string('has to be CA certificates in PEM') },
  'has to be a map with caPem alone in a policy that is set over the API',
);

export const plugin: AuthorizerPlugin<EntitlementOptions> = {
  apiVersion: 1,
  name: 'entitlement',
  summary: 'lets in clients to the paths in their entitlement certificate',

  parseOptions(raw) {
    const { ca, caPem, crl, ocsp } = parseOptionsWith(schema, raw);
    const authority = parseAuthority(ca, caPem);
    const lists = crl === undefined ? undefined : parseSetting('crl', parseRevocation, crl);
    const responders = ocsp === undefined ? undefined : parseSetting('ocsp', parseOcsp, ocsp);
    return { authority, revocation: joinRevocation(lists, responders) };
  },

  parseStoredOptions(raw) {
    const { caPem } = parseOptionsWith(storedSchema, raw);
    return { authority: parseAuthority(undefined, caPem), revocation: undefined };
  },

  async create(options, services) {
    const opened = await openAuthority(options.authority, services, options.revocation);
    return { authorize: (request) => authorize(request, { ...opened, services }) };
  },
};

function parseSetting<Value>(name: string, parse: (raw: unknown) => Value, raw: unknown): Value {
  try {
    return parse(raw);
  } catch (error) {
    throw new Error(`${name} ${error instanceof Error ? error.message : String(error)}`);
  }
}

interface Rule extends OpenedAuthority {
  readonly services: Services;
}

async function authorize(request: AccessRequest, rule: Rule): Promise<Decision> {
  const presented = provedCertificate(request.evidence);
  if ('unusable' in presented) return refuse(presented.unusable);
  const verdict = await rule.verifier.verify(presented);
  if (!verdict.valid) {
    const whose = verdict.subjectText === undefined ? '' : ` of ${verdict.subjectText}`;
    return refuse(`the certificate${whose} is not accepted under ${rule.label}: ${verdict.reason}`);
  }
  const entitlement = rule.services.readEntitlement(presented);
  const { certificate } = verdict;
  return 'unusable' in entitlement
    ? refuse(
        `the certificate of ${certificate.subjectText} grants nothing: ${entitlement.unusable}`,
      )
    : decide(request, certificate, entitlement, rule.services.now());
}

function decide(
  { distribution, pathInDistribution }: AccessRequest,
  certificate: VerifiedCertificate,
  entitlement: Entitlement,
  now: Date,
): Decision {
  const { subjectText } = certificate;
  const finding = entitlement.find(`/${distribution}${pathInDistribution}`);
  if (!finding.granted) {
    return refuse(`the certificate of ${subjectText} does not grant this path: ${finding.reason}`);
  }
  const notRevoked = certificate.notRevokedBy ? `, not on ${certificate.notRevokedBy}` : '';
  const label = `${subjectText}, entitled by ${finding.by}${notRevoked}`;
  const principal = { kind: 'certificate', name: certificate.fingerprint, label } as const;
  const secondsLeft = (certificate.chainNotAfter.getTime() - now.getTime()) / 1000;
  if (secondsLeft <= 0) return { outcome: 'allow', principal };
  const seconds = Math.min(secondsLeft, rememberSecondsMax);
  return {
    outcome: 'allow',
    principal,
    remember: { seconds, scope: scopeOf(finding, distribution) },
  };
}

/** What grants no more than a part of the distribution is asked again for each path. */
function scopeOf(
  { coveredSegments }: Extract<EntitlementFinding, { readonly granted: true }>,
  distribution: string,
): 'path' | 'distribution' {
  const isWhole =
    coveredSegments !== undefined && coveredSegments <= distribution.split('/').length;
  return isWhole ? 'distribution' : 'path';
}

function refuse(reason: string): Decision {
  return { outcome: 'deny', reason };
}
