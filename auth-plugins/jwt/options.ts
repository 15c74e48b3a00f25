/** The settings of a `jwt` rule. */

import { parseOptionsWith } from 'portcullis/plugin';
import { z } from 'zod';

export interface JwtOptions {
  readonly issuer: string;
  /** One of these has to be among the audiences of a token. */
  readonly audience: readonly string[];
  readonly algorithms: readonly string[];
  /** Where the keys of the issuer are. */
  readonly keys: { readonly file: string } | { readonly url: string };
  /** Accepted values by the claim. */
  readonly claims: ReadonlyMap<string, ReadonlySet<string>>;
  /** The claim that lists the paths of the client; undefined when all paths are. */
  readonly pathsClaim: string | undefined;
  /** By how much the clock of the issuer may differ. */
  readonly leewaySeconds: number;
  /** Whether tokens are taken that came over a connection that anybody can read. */
  readonly overPlainHttp: boolean;
}

/**
 * Those of public keys (RFC 7518 section 3.1, RFC 8037). Not `none`; and no HMAC, with which whoever
 * can verify a token can make one, and a public key can be taken for a secret (T55).
 */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

const leewaySecondsMost = 300;
const known =
  'issuer, audience, algorithms, jwksFile, jwksUrl, claims, pathsClaim, leewaySeconds and overPlainHttp';

const visible = z
  .string('has to be text')
  .regex(/^[!-~]{1,512}$/, 'has to be of 1 to 512 visible ASCII characters');
const claimName = z
  .string('has to be the name of a claim')
  .regex(/^[!-~]{1,128}$/, 'has to be the name of a claim, of 1 to 128 visible ASCII characters');
const oneOrMore = (item: z.ZodType<string>, expected: string) =>
  z.union([item.transform((one) => [one]), z.array(item).min(1)], expected);

/** Plain HTTP is for this host alone: who can change the keys on the way can make any token. */
const keysUrl =
  /^(?:https:\/\/[^\s/?#@\\]+|http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?)(?:[/?][^\s#]*)?$/i;

const schema = z.strictObject(
  {
    issuer: visible,
    audience: oneOrMore(visible, 'has to be an audience, or a list of such'),
    algorithms: z
      .array(
        z.enum(algorithms, `has to be one of ${algorithms.join(', ')}`),
        'has to be a list of algorithms, as [RS256]',
      )
      .min(1, 'names no algorithm'),
    jwksFile: z.string('has to be the path of a file of keys').min(1, 'is empty').optional(),
    jwksUrl: z
      .url('has to be a URL of https')
      .regex(keysUrl, 'has to be a URL of https without a user and a fragment')
      .optional(),
    claims: z
      .record(
        claimName,
        oneOrMore(z.string().min(1), 'has to be the accepted value, or a list of such'),
        'has to be a map from claims to their accepted values',
      )
      .refine((map) => Object.keys(map).length > 0, 'has no condition')
      .optional(),
    pathsClaim: claimName.optional(),
    leewaySeconds: z
      .int(`has to be whole seconds from 0 to ${leewaySecondsMost}`)
      .min(0, `has to be whole seconds from 0 to ${leewaySecondsMost}`)
      .max(leewaySecondsMost, `has to be whole seconds from 0 to ${leewaySecondsMost}`)
      .default(10),
    overPlainHttp: z.boolean('has to be true or false').default(false),
  },
  {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys'
        ? `has no setting ${JSON.stringify(keys?.[0])}; there are ${known}`
        : 'has to be a map with the settings issuer, audience, algorithms, and jwksFile or jwksUrl',
  },
);

/** @throws Error that names the setting */
export function parseOptions(raw: unknown): JwtOptions {
  const { jwksFile, jwksUrl, claims, pathsClaim, ...others } = parseOptionsWith(schema, raw);
  return {
    ...others,
    keys: keysAt(jwksFile, jwksUrl),
    claims: new Map(
      Object.entries(claims ?? {}).map(([claim, values]) => [claim, new Set(values)]),
    ),
    pathsClaim,
  };
}

function keysAt(file: string | undefined, url: string | undefined): JwtOptions['keys'] {
  if (file !== undefined && url === undefined) return { file };
  if (url !== undefined && file === undefined) return { url };
  throw new Error('it has to say where the keys are: set either jwksFile or jwksUrl');
}
