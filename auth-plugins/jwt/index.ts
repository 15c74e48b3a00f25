/**
 * `jwt: { issuer, audience, algorithms, jwksFile, jwksUrl, claims, pathsClaim, leewaySeconds,
 * overPlainHttp }`: a token of an identity provider (JWT, RFC 7519), sent as `Authorization: Bearer`.
 */

import type {
  AccessRequest,
  AuthorizerPlugin,
  Challenge,
  Decision,
  Remember,
} from 'portcullis/plugin';
import { claimProblem, grantOf } from './claims.ts';
import { type FindKey, readKeySetFile } from './key-set.ts';
import { type JwtOptions, parseOptions } from './options.ts';
import { issuerLimits, RemoteKeys } from './remote-keys.ts';
import { type VerifiedToken, verifyToken } from './verify.ts';

/** Seconds an accepted token is remembered for at most. */
const rememberSecondsMax = 60;

export const plugin: AuthorizerPlugin<JwtOptions> = {
  apiVersion: 1,
  name: 'jwt',
  summary: 'lets in clients by a token of an identity provider',
  parseOptions,

  async create(options, { log, now, resolvePath, openHttpClient }) {
    if ('file' in options.keys) {
      const findKey = await readKeySetFile(resolvePath(options.keys.file));
      return { authorize: (request) => authorize(request, { options, findKey, now }) };
    }
    const { url } = options.keys;
    const client = await openHttpClient({ url, limits: issuerLimits });
    const keys = new RemoteKeys({ url, client, log });
    const rule: Rule = { options, findKey: keys.find, now };
    return {
      authorize: (request, signal) => untilAborted(authorize(request, rule), signal),
      close: () => client[Symbol.dispose](),
    };
  },
};

interface Rule {
  readonly options: JwtOptions;
  readonly findKey: FindKey;
  readonly now: () => Date;
}

async function authorize(
  { evidence, distribution, pathInDistribution }: AccessRequest,
  { options, findKey, now }: Rule,
): Promise<Decision> {
  if (!evidence.secure && !options.overPlainHttp) {
    return refuse('tokens are not taken over plain HTTP');
  }
  if (evidence.bearer === undefined) return refuse('no Bearer token was sent', 'bearer');
  const verified = await verifyToken(evidence.bearer, findKey, options, now());
  if (typeof verified === 'string') {
    return refuse(`the token is not accepted: ${verified}`, 'invalid-token');
  }
  const whose = `the token of ${JSON.stringify(verified.subject)}`;
  const problem = claimProblem(verified.payload, options.claims);
  if (problem !== undefined) return refuse(`${whose} is not accepted: ${problem}`);
  if (options.pathsClaim === undefined) return allow(verified, options, 'distribution', now());
  const asked = distribution + pathInDistribution;
  const grant = grantOf(verified.payload, options.pathsClaim, asked);
  if (grant === undefined) {
    return refuse(
      `no path in the ${JSON.stringify(options.pathsClaim)} of ${whose} holds this one`,
    );
  }
  const holdsAll = grant.length <= distribution.length;
  return allow(verified, options, holdsAll ? 'distribution' : 'path', now());
}

/** The issuer stands before the subject: that of another issuer is another principal (T07). */
function allow(
  { subject, expires }: VerifiedToken,
  { issuer }: JwtOptions,
  scope: Remember['scope'],
  now: Date,
): Decision {
  const principal = { kind: 'plugin', name: `jwt:${issuer} ${subject}`, label: subject } as const;
  const secondsLeft = (expires.getTime() - now.getTime()) / 1000;
  if (secondsLeft <= 0) return { outcome: 'allow', principal };
  const seconds = Math.min(secondsLeft, rememberSecondsMax);
  return { outcome: 'allow', principal, remember: { seconds, scope } };
}

/** A good token that may not have this is no reason to ask for another one. */
function refuse(reason: string, challenge?: Challenge): Decision {
  return { outcome: 'deny', reason, ...(challenge && { challenge }) };
}

/** The keys that one request asks for are for all of them: what is given up is the wait alone. */
async function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
