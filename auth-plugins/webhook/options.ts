/** The settings of a `webhook` rule. */

import {
  type AuthoritySource,
  type HttpBreaker,
  type HttpLimits,
  type HttpTlsFiles,
  isHttpUrl,
  joinRevocation,
  parseAuthority,
  parseOcsp,
  parseOptionsWith,
  parseRevocation,
  type RevocationOptions,
} from 'portcullis/plugin';
import { z } from 'zod';

export interface WebhookOptions {
  readonly url: string;
  /** How the question is wrapped, and the answer. */
  readonly format: 'plain' | 'opa';
  /** Secrets of the client that the service is told. */
  readonly send: ReadonlySet<Secret>;
  /** By which CAs certificates are verified; undefined when the service is told fingerprints alone. */
  readonly certificates:
    | { readonly authority: AuthoritySource; readonly revocation: RevocationOptions | undefined }
    | undefined;
  readonly tls: HttpTlsFiles | undefined;
  /** The token that the service is shown. */
  readonly bearerFile: string | undefined;
  readonly limits: HttpLimits;
  readonly breaker: HttpBreaker;
}

export type Secret = (typeof secrets)[number];

const secrets = ['password', 'bearer', 'query'] as const;

/** Who can change the answers on the way could let in anybody: plain HTTP is for this host alone. */
const onThisHost = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?(?:[/?]|$)/i;

const path = (expected: string) => z.string(expected).min(1, 'is empty');

function number(least: number, most: number, unit: string) {
  const message = `has to be ${unit} from ${least} to ${most}`;
  return z.number(message).min(least, message).max(most, message);
}

function whole(least: number, most: number, unit: string) {
  const message = `has to be whole ${unit} from ${least} to ${most}`;
  return z.int(message).min(least, message).max(most, message);
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

/** @param names of its settings */
function map<Shape extends z.ZodRawShape>(shape: Shape, expected: string) {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys'
        ? `has no setting ${JSON.stringify(keys?.[0])}; there are ${known}`
        : expected,
  });
}

const certificates = map(
  {
    ca: path('has to be the path of a file of CA certificates').optional(),
    caPem: z.string('has to be CA certificates in PEM').optional(),
    crl: parsedBy(parseRevocation),
    ocsp: parsedBy(parseOcsp),
  },
  'has to be a map with ca or caPem',
);

const tls = map(
  {
    ca: path('has to be the path of a file of CA certificates').optional(),
    certificate: path('has to be the path of a certificate').optional(),
    key: path('has to be the path of a private key').optional(),
  },
  'has to be a map of ca, certificate and key',
).refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), {
  message: 'has to have both certificate and key, or neither',
});

const schema = map(
  {
    url: z
      .string('has to be a URL of https')
      .refine((url) => isHttpUrl(url) && (/^https:/i.test(url) || onThisHost.test(url)), {
        message: 'has to be a URL of https, or of http on this host, without a user and a fragment',
      }),
    format: z.enum(['plain', 'opa'], 'has to be plain or opa').default('plain'),
    send: z
      .array(z.enum(secrets, `has to be one of ${secrets.join(', ')}`), 'has to be a list')
      .default([]),
    certificates: certificates.optional(),
    tls: tls.optional(),
    bearerFile: path('has to be the path of a file with a token').optional(),
    timeLimitSeconds: number(0.1, 60, 'seconds').default(2),
    answerBytes: whole(64, 1_048_576, 'bytes').default(65_536),
    connections: whole(1, 256, 'connections').default(16),
    pending: whole(1, 10_000, 'questions').default(256),
    breaker: map(
      {
        failures: whole(1, 1000, 'failures').default(5),
        restSeconds: number(0.1, 3600, 'seconds').default(10),
      },
      'has to be a map of failures and restSeconds',
    ).prefault({}),
  },
  'has to be a map with the setting url',
);

/** @throws Error that names the setting */
export function parseOptions(raw: unknown): WebhookOptions {
  const read = parseOptionsWith(schema, raw);
  const { url, format, send, breaker, certificates: clients } = read;
  return {
    ...{ url, format, breaker, send: new Set(send), tls: read.tls },
    bearerFile: read.bearerFile,
    certificates: clients && {
      authority: parseAuthority(clients.ca, clients.caPem),
      revocation: joinRevocation(clients.crl, clients.ocsp),
    },
    limits: {
      secondsMax: read.timeLimitSeconds,
      answerBytesMax: read.answerBytes,
      connectionsMax: read.connections,
      pendingMax: read.pending,
    },
  };
}
