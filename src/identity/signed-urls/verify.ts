/** Verifies signed URLs. */

import ipaddr from 'ipaddr.js';
import type { SignedRequest, SignedUrlVerdict, UrlVerifier } from '../../plugin-signed-urls.ts';
import { readUrlKeys, type UrlKeys } from './keys.ts';
import { parseSignedQuery, type SignedParameters } from './parameters.ts';
import { directoryOf, isSignature, signatureOf } from './signature.ts';

/** How many seconds the clock of another host may be ahead that signed a URL a moment ago. */
export const signerAheadSecondsMax = 60;

/** @throws as {@link readUrlKeys} */
export async function openUrlVerifier(file: string, now: () => Date): Promise<UrlVerifier> {
  const keys = await readUrlKeys(file);
  return {
    verify: (request, secondsMax) => {
      const parameters = parseSignedQuery(request.query);
      if (typeof parameters === 'string') return invalid(parameters);
      const problem =
        signatureProblem(request, parameters, keys) ??
        timeProblem(parameters, secondsMax, now().getTime() / 1000) ??
        addressProblem(parameters, request.address);
      if (problem !== undefined) return invalid(problem);
      return {
        valid: true,
        key: parameters.key,
        expires: new Date(parameters.expires * 1000),
      } satisfies SignedUrlVerdict;
    },
  };
}

function invalid(reason: string): SignedUrlVerdict {
  return { valid: false, reason };
}

function signatureProblem(
  { method, path }: SignedRequest,
  { signature, ...terms }: SignedParameters,
  keys: UrlKeys,
): string | undefined {
  const key = keys.get(terms.key);
  if (key === undefined) return 'it was signed with a key that is not in the file';
  const signed = terms.segments === undefined ? path : directoryOf(path, terms.segments);
  if (signed === undefined) return 'it was signed for what is below a deeper directory';
  const methods = method === 'HEAD' ? (['GET', 'HEAD'] as const) : [method];
  const isRight = methods.some((each) =>
    isSignature(signature, signatureOf({ method: each, path: signed, terms }, key)),
  );
  return isRight
    ? undefined
    : `the signature by the key ${key.id} is not of this URL, or for another method`;
}

/** @param now seconds since 1970 */
function timeProblem(
  { from, expires }: SignedParameters,
  secondsMax: number,
  now: number,
): string | undefined {
  // Written so that a clock that shows no time lets nobody in.
  if (!(now < expires)) return `it expired at ${timeOf(expires)}`;
  if (!(from <= now + signerAheadSecondsMax)) return `it is not valid before ${timeOf(from)}`;
  const seconds = expires - from;
  if (seconds <= secondsMax) return undefined;
  return `it is valid for ${seconds} s, and the rule takes URLs of at most ${secondsMax} s`;
}

function addressProblem(
  { address: range }: SignedParameters,
  address: string | undefined,
): string | undefined {
  if (range === undefined) return undefined;
  if (address === undefined) return `it is for ${range}, and the client's address is not known`;
  return isIn(address, range) ? undefined : `it is for ${range}, and not for ${address}`;
}

function isIn(address: string, range: string): boolean {
  const [network = '', bits] = range.split('/');
  if (!ipaddr.isValid(address)) return false;
  const [client, signed] = [ipaddr.process(address), ipaddr.parse(network)];
  if (client.kind() !== signed.kind()) return false;
  return client.match(
    signed,
    bits === undefined ? (client.kind() === 'ipv4' ? 32 : 128) : Number(bits),
  );
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
