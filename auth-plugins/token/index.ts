/**
 * `token: { inPath, overPlainHttp }`: a token of a customer, out of the store, sent as the password of
 * Basic authentication, as a Bearer token, or as an element of the path.
 */

import {
  type AccessRequest,
  type AuthorizerPlugin,
  type Challenge,
  type CustomerTokens,
  type Decision,
  type Evidence,
  parseOptionsWith,
} from 'portcullis/plugin';
import { z } from 'zod';

export interface TokenOptions {
  /** Whether it may stand in the path, behind the distribution. */
  readonly inPath: boolean;
  /** Whether tokens are taken that came over a connection that anybody can read. */
  readonly overPlainHttp: boolean;
}

const schema = z
  .strictObject(
    {
      inPath: z.boolean('has to be true or false').default(false),
      overPlainHttp: z.boolean('has to be true or false').default(false),
    },
    {
      error: ({ code, keys }) =>
        code === 'unrecognized_keys'
          ? `has no setting ${JSON.stringify(keys?.[0])}; there are inPath and overPlainHttp`
          : 'has to be a map, and may be empty',
    },
  )
  .nullish();

function parseOptions(raw: unknown): TokenOptions {
  return parseOptionsWith(schema, raw) ?? { inPath: false, overPlainHttp: false };
}

export const plugin: AuthorizerPlugin<TokenOptions> = {
  apiVersion: 1,
  name: 'token',
  summary: 'lets in whoever has a token of a customer, within its limits',

  parseOptions,
  parseStoredOptions: parseOptions,

  async create(options, services) {
    const tokens = await services.openTokens();
    return {
      takesPathToken: options.inPath,
      authorize: (request) => authorize(request, options, tokens),
      settle: (id, { request, bytes }, signal) =>
        tokens.settle(id, { bytes, address: request.evidence.address }, signal),
    };
  },
};

/** Not remembered: what is read of a token is in memory already, until it changes. */
async function authorize(
  { distribution, pathInDistribution, evidence }: AccessRequest,
  options: TokenOptions,
  tokens: CustomerTokens,
): Promise<Decision> {
  // Without a challenge: it would have the client send a token for everybody to read.
  if (!evidence.secure && !options.overPlainHttp) {
    return { outcome: 'deny', reason: 'tokens are not taken over plain HTTP' };
  }
  const secret = secretOf(evidence, options);
  if (secret === undefined) return ask('no token was sent', ['basic', 'bearer']);
  const { address } = evidence;
  const verdict = await tokens.verify({ secret, distribution, pathInDistribution, address });
  switch (verdict.outcome) {
    case 'admitted': {
      const { id, customer } = verdict;
      const principal = { kind: 'plugin', name: `token:${id}`, label: customer } as const;
      return { outcome: 'allow', principal, charge: id };
    }
    case 'unusable':
      return ask(verdict.reason, ['basic', 'invalid-token']);
    case 'refused':
      return { outcome: 'deny', reason: verdict.reason };
    case 'too-many': {
      const reason = 'too many wrong tokens were sent from its network';
      return { outcome: 'deny', reason, retryAfterSeconds: verdict.retryAfterSeconds };
    }
  }
}

/** One in the path was meant for this rule, whatever the header was meant for. */
function secretOf(
  { pathToken, bearer, basic }: Evidence,
  { inPath }: TokenOptions,
): string | undefined {
  return (inPath ? pathToken : undefined) ?? bearer ?? basic?.password;
}

function ask(reason: string, challenge: readonly Challenge[]): Decision {
  return { outcome: 'deny', reason, challenge };
}
