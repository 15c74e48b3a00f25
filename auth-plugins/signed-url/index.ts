/**
 * `signed-url: { keys, secondsMax, overPlainHttp }`: a URL that was signed with one of our keys, for
 * this path, and has not expired.
 */

import {
  type AccessRequest,
  type AuthorizerPlugin,
  type Decision,
  parseOptionsWith,
  type UrlVerifier,
} from 'portcullis/plugin';
import { z } from 'zod';

export interface SignedUrlOptions {
  /** The file of keys. */
  readonly keys: string;
  /** How long a URL may be valid in all. */
  readonly secondsMax: number;
  /** Whether URLs are taken that came over a connection that anybody can read. */
  readonly overPlainHttp: boolean;
}

/** 366 days. */
const secondsMaxMost = 31_622_400;
const weekSeconds = 604_800;
const wholeSeconds = `has to be whole seconds from 1 to ${secondsMaxMost}`;

const schema = z.strictObject(
  {
    keys: z.string('has to be the path of a file of keys').min(1, 'is empty'),
    secondsMax: z
      .int(wholeSeconds)
      .min(1, wholeSeconds)
      .max(secondsMaxMost, wholeSeconds)
      .default(weekSeconds),
    overPlainHttp: z.boolean('has to be true or false').default(false),
  },
  {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys'
        ? `has no setting ${JSON.stringify(keys?.[0])}; there are keys, secondsMax and overPlainHttp`
        : 'has to be a map with the setting keys',
  },
);

export const plugin: AuthorizerPlugin<SignedUrlOptions> = {
  apiVersion: 1,
  name: 'signed-url',
  summary: 'lets in whoever has a URL that was signed and has not expired',
  parseOptions: (raw) => parseOptionsWith(schema, raw),

  async create(options, services) {
    const verifier = await services.openUrlKeys(services.resolvePath(options.keys));
    return { authorize: (request) => decide(request, options, verifier) };
  },
};

/** Not remembered: to sign once more costs about as much as to look up what was decided. */
function decide(
  { method, path, evidence }: AccessRequest,
  { secondsMax, overPlainHttp }: SignedUrlOptions,
  verifier: UrlVerifier,
): Decision {
  const { query, address, secure } = evidence;
  if (!secure && !overPlainHttp) return refuse('signed URLs are not taken over plain HTTP');
  const verdict = verifier.verify({ method, path, query, address }, secondsMax);
  if (!verdict.valid) return refuse(`the URL does not let in: ${verdict.reason}`);
  const until = verdict.expires.toISOString().replace('.000Z', 'Z');
  const label = `a URL signed with the key ${verdict.key} until ${until}`;
  return {
    outcome: 'allow',
    principal: { kind: 'plugin', name: `signed-url:${verdict.key}`, label },
  };
}

function refuse(reason: string): Decision {
  return { outcome: 'deny', reason };
}
