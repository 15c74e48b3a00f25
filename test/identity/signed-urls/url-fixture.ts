/** Keys of signed URLs, and requests that ask for one. */

import { writeFileSync } from 'node:fs';
import { queryOf } from '../../../src/front/evidence.ts';
import { canonicalizePath } from '../../../src/http/canonical-path.ts';
import { readUrlKeys } from '../../../src/identity/signed-urls/keys.ts';
import { signUrl, type UrlToSign } from '../../../src/identity/signed-urls/sign.ts';
import { openUrlVerifier } from '../../../src/identity/signed-urls/verify.ts';
import type { SignedRequest, SignedUrlVerdict } from '../../../src/plugin-signed-urls.ts';
import type { TemporaryDirectory } from '../../support/temporary.ts';

export const signedAt = new Date('2026-11-21T12:00:00Z');

export const urlKey = (fill: number): string => Buffer.alloc(32, fill).toString('base64');

/** A file of the keys `new`, which signs, and `old`. */
export function writeUrlKeys(directory: TemporaryDirectory, name = 'url-keys'): string {
  const file = directory.file(name);
  writeFileSync(file, `new:${urlKey(1)}\nold:${urlKey(2)}\n`, { mode: 0o600 });
  return file;
}

/** Signs for an hour, unless `parts` say otherwise. */
export async function sign(
  file: string,
  url: string,
  parts: Partial<UrlToSign> = {},
): Promise<string> {
  const toSign: UrlToSign = {
    url,
    method: 'GET',
    from: signedAt,
    expires: new Date(signedAt.getTime() + 3_600_000),
    key: undefined,
    address: undefined,
    below: false,
    ...parts,
  };
  return signUrl(toSign, await readUrlKeys(file));
}

/** The request that a client makes of `url`, without an address unless `parts` say one. */
export function requestOf(url: string, parts: Partial<SignedRequest> = {}): SignedRequest {
  const target = url.replace(/^https?:\/\/[^/]*/, '');
  const canonical = canonicalizePath(Buffer.from(target, 'utf8').toString('latin1'));
  if (!canonical.ok) throw new Error(canonical.reason);
  const query = queryOf(target);
  return { method: 'GET', path: canonical.path, query, address: undefined, ...parts };
}

export interface VerifyOptions extends Partial<SignedRequest> {
  readonly now?: Date;
  readonly secondsMax?: number;
}

export async function verify(
  file: string,
  url: string,
  { now = signedAt, secondsMax = 3600, ...parts }: VerifyOptions = {},
): Promise<SignedUrlVerdict> {
  const verifier = await openUrlVerifier(file, () => now);
  return verifier.verify(requestOf(url, parts), secondsMax);
}
