/** The extensions of entitlement certificates, as openssl's configuration has them. */

import { derTags } from '../../src/identity/der.ts';
import { encodeElement } from '../../src/identity/der-writer.ts';
import { encodePaths } from '../entitlement/encode-payload.ts';

type Extensions = Readonly<Record<string, string>>;

const arc = '1.3.6.1.4.1.2312.9';

/** Object identifiers of what decides about a version 1 certificate, and of the payload. */
export const entitlementOids = {
  order: `${arc}.4.1`,
  version: `${arc}.6`,
  payload: `${arc}.7`,
  product: `${arc}.1.69.1`,
  /** @param content its number */
  path: (content: number): string => `${arc}.2.${content}.1.6`,
} as const;

/** A certificate of version 1: an order, and an extension for each path. */
export function version1(...paths: readonly string[]): Extensions {
  const contents = paths.map((path, index) => [entitlementOids.path(1000 + index), text(path)]);
  return { [entitlementOids.order]: text('Subscription'), ...Object.fromEntries(contents) };
}

/** A certificate of version 3.4 with a payload of `paths`. */
export function version3(...paths: readonly string[]): Extensions {
  return withPayload(encodePaths(paths));
}

export function withPayload(payload: Uint8Array, version = '3.4'): Extensions {
  return {
    [entitlementOids.version]: text(version),
    [entitlementOids.payload]: der(encodeElement(derTags.octetString, payload)),
  };
}

/** A UTF8String. */
export function text(value: string): string {
  return der(encodeElement(derTags.utf8String, Buffer.from(value)));
}

export function der(value: Uint8Array): string {
  return `DER:${Buffer.from(value).toString('hex')}`;
}
