/** The setting `ocsp` of a rule: which responders are asked whether a certificate was revoked. */

import { isIP } from 'node:net';
import { isHttpUrl } from './plugin-http.ts';

export interface OcspOptions {
  /** Who is asked about every certificate; undefined when each certificate says whom to ask. */
  readonly responder: string | undefined;
  /** Ranges to which the URLs in certificates may lead, besides public addresses; in CIDR notation. */
  readonly addresses: readonly string[];
  /** Which certificates of a chain are asked about; never its anchor. */
  readonly certificates: 'all' | 'client';
  /** What becomes of a certificate while the responder cannot be reached. */
  readonly unreachable: 'refuse' | 'allow';
  /** How long an answer counts at most. */
  readonly answerSeconds: number;
  /** How long a responder may take. */
  readonly timeLimitSeconds: number;
}

/** Bounds and default of `answerSeconds`. */
export const answerSeconds = { min: 5, default: 60, max: 86_400 } as const;

/** Bounds and default of `timeLimitSeconds`. */
export const ocspTimeLimitSeconds = { min: 0.1, default: 3, max: 30 } as const;

/** Ranges of `addresses`. */
export const ocspAddressesMax = 32;

const keys = [
  'responder',
  'fromCertificates',
  'addresses',
  'certificates',
  'unreachable',
  'answerSeconds',
  'timeLimitSeconds',
] as const;

/** As `parseOcsp` of the plugin API. */
export function readOcsp(raw: unknown): OcspOptions {
  if (raw === true) return readOcsp({ fromCertificates: true });
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw new Error('has to be true, for the responders that certificates name, or a map');
  }
  const given: Readonly<Record<string, unknown>> = { ...raw };
  const unknown = Object.keys(given).find((key) => !keys.some((known) => known === key));
  if (unknown !== undefined) {
    throw new Error(`has no setting ${JSON.stringify(unknown)}; there are ${keys.join(', ')}`);
  }
  return {
    responder: readResponder(given),
    addresses: readAddresses(given),
    certificates: readChoice(given, 'certificates', ['all', 'client']),
    unreachable: readChoice(given, 'unreachable', ['refuse', 'allow']),
    answerSeconds: readNumber(given, 'answerSeconds', answerSeconds),
    timeLimitSeconds: readNumber(given, 'timeLimitSeconds', ocspTimeLimitSeconds),
  };
}

type Given = Readonly<Record<string, unknown>>;

/** A certificate is believed about whom to ask only where somebody says so. */
function readResponder({ responder, fromCertificates = false }: Given): string | undefined {
  if (typeof fromCertificates !== 'boolean') {
    throw new Error('has to have fromCertificates: true, or fromCertificates: false');
  }
  if ((responder === undefined) !== fromCertificates) {
    throw new Error('has to name a responder, or else have fromCertificates: true');
  }
  if (responder === undefined) return undefined;
  if (typeof responder !== 'string' || !isHttpUrl(responder)) {
    throw new Error(
      'has a responder that is no URL of http or https, without a user name and a fragment',
    );
  }
  return responder;
}

function readAddresses({ addresses = [], responder }: Given): readonly string[] {
  const list: readonly unknown[] = Array.isArray(addresses) ? addresses : [addresses];
  if (list.length > ocspAddressesMax) {
    throw new Error(`has more than ${ocspAddressesMax} ranges of addresses`);
  }
  if (list.length > 0 && responder !== undefined) {
    throw new Error('has addresses, which are for responders that certificates name');
  }
  return list.map((range) => {
    if (typeof range === 'string' && isRange(range)) return range;
    throw new Error('has addresses that are no list of ranges, as 10.20.0.0/16 or fd00::/8');
  });
}

function isRange(text: string): boolean {
  const match = /^([0-9a-f.:]+)\/(\d{1,3})$/i.exec(text);
  const [, address = '', length] = match ?? [];
  const family = isIP(address);
  return family !== 0 && Number(length) <= (family === 4 ? 32 : 128);
}

function readChoice<Choice extends string>(
  given: Given,
  key: string,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const value = given[key] ?? choices[0];
  const choice = choices.find((known) => known === value);
  if (choice !== undefined) return choice;
  throw new Error(`has to have ${choices.map((known) => `${key}: ${known}`).join(', or ')}`);
}

function readNumber(
  given: Given,
  key: string,
  bounds: { readonly min: number; readonly default: number; readonly max: number },
): number {
  const value = given[key] ?? bounds.default;
  if (typeof value === 'number' && value >= bounds.min && value <= bounds.max) return value;
  throw new Error(`has to have a ${key} from ${bounds.min} to ${bounds.max}`);
}
