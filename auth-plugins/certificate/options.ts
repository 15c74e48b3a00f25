/** The settings of a `certificate` rule, and the one spelling of what they compare with. */

import {
  type AuthoritySource,
  joinRevocation,
  normalizeFingerprint,
  normalizeSerial,
  parseAuthority,
  parseOcsp,
  parseOptionsWith,
  parseRevocation,
  type RevocationOptions,
} from 'portcullis/plugin';
import { z } from 'zod';
import { attributeOids, type NameConditions } from './names.ts';

export interface CertificateOptions {
  readonly authority: AuthoritySource;
  readonly subject: NameConditions;
  readonly issuer: NameConditions;
  /** As `VerifiedCertificate.serial`. */
  readonly deniedSerials: ReadonlySet<string>;
  /** As `VerifiedCertificate.fingerprint`. */
  readonly deniedFingerprints: ReadonlySet<string>;
  /** Without it no revocation list is read, and no responder asked. */
  readonly revocation: RevocationOptions | undefined;
}

export function parseOptions(raw: unknown): CertificateOptions {
  const { ca, caPem, subject, issuer, deny, crl, ocsp } = parseOptionsWith(schema, raw);
  return {
    authority: parseAuthority(ca, caPem),
    subject: new Map(subject),
    issuer: new Map(issuer),
    deniedSerials: new Set(deny?.serials),
    deniedFingerprints: new Set(deny?.fingerprints),
    revocation: joinRevocation(crl, ocsp),
  };
}

/** Without a file of CAs, and without revocation lists, which are files and addresses. */
export function parseStoredOptions(raw: unknown): CertificateOptions {
  return parseOptions(parseOptionsWith(storedSchema, raw));
}

const valueList = z.union(
  [z.string().min(1), z.array(z.string().min(1)).min(1)],
  'has to be the accepted value, or a list of such',
);

const conditions = z
  .record(z.string(), valueList, 'has to be a map from attributes to their accepted values')
  .transform((map, context) => {
    const entries = Object.entries(map);
    if (entries.length === 0) context.addIssue({ code: 'custom', message: 'has no condition' });
    return entries.map(([name, values]) => {
      const oid = attributeOids.get(name) ?? (/^\d+(\.\d+)+$/.test(name) ? name : undefined);
      if (oid === undefined) {
        const known = [...attributeOids.keys()].join(', ');
        const message = `has no attribute ${JSON.stringify(name)}; there are ${known}, and object identifiers as 2.5.4.3`;
        context.addIssue({ code: 'custom', message });
      }
      return [oid ?? name, new Set(typeof values === 'string' ? [values] : values)] as const;
    });
  });

/** Texts that `normalize` understands, in its spelling. */
function normalized(normalize: (text: string) => string | undefined, expected: string) {
  const item = z.string(expected).transform((text, context) => {
    const value = normalize(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
  return z.array(item, 'has to be a list').optional();
}

function parsedBy<Value>(parse: (raw: unknown) => Value) {
  const parsed = z.unknown().transform((raw, context): Value => {
    try {
      return parse(raw);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
  });
  return parsed.optional();
}

const schema = z.strictObject(
  {
    ca: z.string('has to be the path of a file of CA certificates').min(1, 'is empty').optional(),
    caPem: z.string('has to be CA certificates in PEM').optional(),
    subject: conditions.optional(),
    issuer: conditions.optional(),
    crl: parsedBy(parseRevocation),
    ocsp: parsedBy(parseOcsp),
    deny: z
      .strictObject(
        {
          serials: normalized(
            normalizeSerial,
            'has to be a serial number in quotes, hex as openssl prints it, or "decimal:" and its decimal digits',
          ),
          fingerprints: normalized(
            normalizeFingerprint,
            'has to be a SHA-256 fingerprint, as "openssl x509 -noout -fingerprint -sha256" prints it',
          ),
        },
        {
          error: unknownKey(
            'has to be a map of serials and fingerprints',
            'serials and fingerprints',
          ),
        },
      )
      .optional(),
  },
  {
    error: unknownKey(
      'has to be a map with ca or caPem',
      'ca, caPem, subject, issuer, crl, ocsp and deny',
    ),
  },
);

/** What is in them, the other schema says. */
const storedSchema = z.strictObject(
  {
    caPem: z.string('has to be CA certificates in PEM'),
    subject: z.unknown().optional(),
    issuer: z.unknown().optional(),
    deny: z.unknown().optional(),
  },
  {
    error: unknownKey(
      'has to be a map with caPem',
      'caPem, subject, issuer and deny in a policy that is set over the API; one with files stands in the configuration, where a name for it can be given',
    ),
  },
);

function unknownKey(wrongType: string, known: string) {
  return ({ code, keys }: { readonly code?: string; readonly keys?: readonly string[] }): string =>
    code === 'unrecognized_keys'
      ? `has no setting ${JSON.stringify(keys?.[0])}; there are ${known}`
      : wrongType;
}
