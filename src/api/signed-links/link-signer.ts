/** Signs links to what distributions serve. */

import { canonicalizePath, encodePath } from '../../http/canonical-path.ts';
import type { UrlKeys } from '../../identity/signed-urls/keys.ts';
import { type SignProblem, signingSecond, trySignUrl } from '../../identity/signed-urls/sign.ts';
import type { CanonicalPath } from '../../model.ts';
import type { ValueProblem } from '../value-problem.ts';

/** How long a link is valid unless a call says otherwise, in seconds. */
export const linkSecondsDefault = 3600;

export interface LinkSignerParts {
  /** The first one signs. */
  readonly keys: UrlKeys;
  /** From the configuration alone, never from what a client calls us (T68). */
  readonly origin: string;
  readonly secondsMax: number;
  /** The content prefixes; a link that names none has the first below which its distribution is. */
  readonly prefixes: readonly string[];
  /** The relative URL of the distribution that serves a path at the moment. */
  readonly distributionAt: (path: CanonicalPath) => Promise<string | undefined>;
  readonly now: () => Date;
}

export interface LinkRequest {
  /** The relative URL of the distribution. */
  readonly distribution: string;
  /** Inside of it, as it stands in a URL, with a query if the client will send one. */
  readonly path: string;
  readonly prefix: string | undefined;
  readonly method: 'GET' | 'HEAD';
  readonly seconds: number | undefined;
  readonly address: string | undefined;
  /** Whether all below the directory is meant that `path` names. */
  readonly below: boolean;
  readonly key: string | undefined;
}

export interface SignedLink {
  /** The whole URL. */
  readonly url: string;
  /** As it stands in the URL, from its first slash, without the query. */
  readonly path: string;
  readonly key: string;
  readonly address: string | undefined;
  readonly from: Date;
  readonly expires: Date;
}

export interface LinkSigner {
  /** The first prefix below which there is a distribution of this relative URL; undefined: none. */
  prefixOf(distribution: string): Promise<string | undefined>;
  /** @returns what is wrong, by the name that it has in a call */
  sign(request: LinkRequest & { readonly prefix: string }): Promise<SignedLink | ValueProblem>;
}

export function createLinkSigner(parts: LinkSignerParts): LinkSigner {
  return {
    prefixOf: (distribution) => prefixOf(distribution, parts),
    sign: (request) => sign(request, parts),
  };
}

async function prefixOf(
  distribution: string,
  { prefixes, distributionAt }: LinkSignerParts,
): Promise<string | undefined> {
  for (const prefix of prefixes) {
    const root = canonicalizePath(`${prefix}${distribution}/`);
    if (root.ok && (await distributionAt(root.path)) === distribution) return prefix;
  }
  return undefined;
}

async function sign(
  request: LinkRequest & { readonly prefix: string },
  parts: LinkSignerParts,
): Promise<SignedLink | ValueProblem> {
  const { distribution, path, prefix, method, below, key } = request;
  const { seconds = Math.min(linkSecondsDefault, parts.secondsMax), address } = request;
  if (!parts.prefixes.includes(prefix)) {
    const problem = `it is none of ${parts.prefixes.join(', ')}`;
    return { property: 'prefix', problem };
  }
  if (seconds > parts.secondsMax) {
    return { property: 'seconds', problem: `it is more than ${parts.secondsMax}` };
  }
  if (path.startsWith('/')) {
    return { property: 'path', problem: 'it begins with "/", and is a path in the distribution' };
  }
  const from = signingSecond(parts.now());
  const expires = new Date(from.getTime() + seconds * 1000);
  const url = `${parts.origin}${prefix}${distribution}/${path}`;
  const signed = trySignUrl({ url, method, from, expires, key, address, below }, parts.keys);
  if ('problem' in signed) return { property: properties[signed.part], problem: signed.problem };
  // One inside of this one has a name of its own, by which it is asked for; a grant here holds there.
  const serving = await parts.distributionAt(signed.path);
  if (serving === undefined) {
    return { property: 'prefix', problem: `the distribution is not below ${prefix}` };
  }
  if (serving !== distribution) {
    return { property: 'path', problem: `it is served by another distribution, ${serving}` };
  }
  return { ...signed, path: encodePath(signed.path) };
}

const properties: Readonly<Record<SignProblem['part'], string>> = {
  url: 'path',
  times: 'seconds',
  key: 'key',
  address: 'address',
};
