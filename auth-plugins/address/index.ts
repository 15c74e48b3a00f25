/** `address: { allow, deny }`: where the client's address lies, in ranges of IPv4 and IPv6. */

import ipaddr from 'ipaddr.js';
import { type AuthorizerPlugin, type Decision, parseOptionsWith } from 'portcullis/plugin';
import { z } from 'zod';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = readonly [address: Address, prefixLength: number];

export interface AddressOptions {
  readonly allow: readonly Range[];
  /** Goes before `allow`. */
  readonly deny: readonly Range[];
}

const ranges = z
  .array(z.string('has to be text').transform(parseRange), 'has to be a list of ranges')
  .min(1, 'is empty; name at least one range, as 10.20.0.0/16');

const schema = z.strictObject(
  { allow: ranges, deny: ranges.optional() },
  {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys'
        ? `has no setting ${JSON.stringify(keys?.[0])}; there are allow and deny`
        : 'has to be a map with the setting allow',
  },
);

export const plugin: AuthorizerPlugin<AddressOptions> = {
  apiVersion: 1,
  name: 'address',
  summary: "lets in clients by their address's range",
  parseOptions,
  parseStoredOptions: parseOptions,

  create(options) {
    return {
      authorize: ({ evidence }) => decide(evidence.address, options),
      decidesByEvidenceAlone: true,
    };
  },
};

function parseOptions(raw: unknown): AddressOptions {
  const { allow, deny = [] } = parseOptionsWith(schema, raw);
  return { allow, deny };
}

function decide(text: string | undefined, { allow, deny }: AddressOptions): Decision {
  // The front did not say it. A denial would be an allow under `not`, for everybody.
  if (text === undefined) return { outcome: 'abstain' };
  const address = parseAddress(text);
  if (address === undefined) return refuse("the client's address is not an IP address");
  if (isIn(address, deny)) return refuse(`the address ${text} is in a denied range`);
  if (!isIn(address, allow)) return refuse(`the address ${text} is in no allowed range`);
  return { outcome: 'allow' };
}

function refuse(reason: string): Decision {
  return { outcome: 'deny', reason };
}

function isIn(address: Address, list: readonly Range[]): boolean {
  return list.some(
    ([network, length]) => network.kind() === address.kind() && address.match(network, length),
  );
}

/** An IPv4 address in IPv6's clothes (RFC 4291 section 2.5.5.2) is an IPv4 address. */
function parseAddress(text: string): Address | undefined {
  // The short, octal and hexadecimal spellings of IPv4 mean different things to different readers.
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined;
  return ipaddr.process(text);
}

function parseRange(text: string, context: z.RefinementCtx): Range {
  const [base = '', suffix, more] = text.split('/');
  const address = parseAddress(base);
  const refuseRange = (message: string): never => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  if (address === undefined || more !== undefined) {
    return refuseRange('is not a range, as 10.20.0.0/16 or 2001:db8::/32');
  }
  if (base.includes(':') && address.kind() === 'ipv4') {
    return refuseRange(`is an IPv4 address inside of IPv6; write ${address.toString()}`);
  }
  const bits = address.kind() === 'ipv4' ? 32 : 128;
  const length = suffix === undefined ? bits : Number(suffix);
  if ((suffix !== undefined && !/^\d{1,3}$/.test(suffix)) || length > bits) {
    return refuseRange(`has no prefix length from 0 to ${bits}`);
  }
  const network = ipaddr[address.kind() === 'ipv4' ? 'IPv4' : 'IPv6'].networkAddressFromCIDR(
    `${address.toString()}/${length}`,
  );
  if (network.toString() !== address.toString()) {
    return refuseRange(`has bits after its prefix; write ${network.toString()}/${length}`);
  }
  return [address, length];
}
