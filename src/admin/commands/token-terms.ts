/** The options that say what a token is good for, and the values that they mean. */

import { durationExamples, readDuration } from '../../terminal/duration.ts';
import type { CommandOption, Given } from '../command.ts';
import { usage } from '../read-options.ts';

/** By the name of the value in a call of the API. */
const optionNames = {
  description: 'description',
  valid_from: 'valid-from',
  valid_until: 'valid-until',
  distributions: 'distribution',
  paths: 'path',
  downloads_max: 'downloads',
  bytes_max: 'bytes',
  addresses_max: 'addresses',
} as const;

type LimitName = keyof typeof optionNames;

export const limitOptions: Readonly<Record<string, CommandOption>> = {
  description: { value: 'TEXT', text: 'What people read.' },
  'valid-from': {
    value: 'TIME',
    text: 'From when on it is good, with the zone, as 2026-11-21T12:00:00Z.',
  },
  'valid-until': { value: 'TIME', text: 'Until before when it is good; this or --for.' },
  for: { value: 'TIME', text: `How long from now it is good, as ${durationExamples}.` },
  distribution: {
    value: 'URL',
    text: 'The relative URL of a distribution that it is good for, as acme/el9; given more than once, each of them.',
    isRepeatable: true,
  },
  path: {
    value: 'PATTERN',
    text: 'The relative URL and a path in it, as acme/el9/Packages, with * for any one segment; it is good for all below. Given more than once, each of them.',
    isRepeatable: true,
  },
  downloads: { value: 'COUNT', text: 'How many downloads it is good for.' },
  bytes: {
    value: 'SIZE',
    text: 'How many bytes it is good for: a whole number, or one with K, M, G or T behind it, by 1024 each.',
  },
  addresses: { value: 'COUNT', text: 'From how many addresses it can be used.' },
};

export const clearOption: CommandOption = {
  value: 'NAME',
  text: `Takes this limit away, one of ${Object.values(optionNames).join(', ')}; can be given more than once.`,
  isRepeatable: true,
};

/** What a token is good for, as far as the line says it. */
type GivenLimits = Readonly<Partial<Record<LimitName, unknown>>>;

/** @throws PortcullisError USAGE */
export function limitsOf(given: Given, path: readonly string[]): GivenLimits {
  const until = untilOf(given, path);
  const limits: GivenLimits = {
    description: given.one('description'),
    valid_from: given.one('valid-from'),
    valid_until: until,
    distributions: listOf(given, 'distribution'),
    paths: listOf(given, 'path'),
    downloads_max: countOf(given, 'downloads', path),
    bytes_max: sizeOf(given, path),
    addresses_max: countOf(given, 'addresses', path),
  };
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

/** The limits that shall go, as null. @throws PortcullisError USAGE */
export function clearedOf(given: Given, path: readonly string[]): GivenLimits {
  const cleared = given.all('clear').map((text): [string, null] => {
    const known = Object.entries(optionNames).find(([, option]) => option === text);
    if (known !== undefined) return [known[0], null];
    const expected = `expected one of ${Object.values(optionNames).join(', ')}`;
    throw usage(path, `Cannot use --clear ${JSON.stringify(text)}: ${expected}`);
  });
  return Object.fromEntries(cleared);
}

function untilOf(given: Given, path: readonly string[]): string | undefined {
  const [until, time] = [given.one('valid-until'), given.one('for')];
  if (time === undefined) return until;
  const seconds = readDuration(time);
  if (seconds === undefined) {
    const expected = `expected ${durationExamples}`;
    throw usage(path, `Cannot use --for ${JSON.stringify(time)}: ${expected}`);
  }
  if (until === undefined) return instantAfter(seconds, path);
  throw usage(path, 'Cannot use --for with --valid-until: give one of them');
}

/** The clock of this host is what the person at it goes by. */
function instantAfter(seconds: number, path: readonly string[]): string {
  const end = new Date(Date.now() + 1000 * seconds);
  const isWritable = end.getTime() < Date.UTC(10_000, 0);
  if (isWritable) return end.toISOString().replace(/\.\d+Z$/, 'Z');
  throw usage(path, 'Cannot use --for: it ends after the year 9999');
}

function listOf(given: Given, name: string): readonly string[] | undefined {
  const values = given.all(name);
  return values.length === 0 ? undefined : values;
}

function countOf(given: Given, name: string, path: readonly string[]): number | undefined {
  const text = given.one(name);
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw usage(path, `Cannot use --${name} ${JSON.stringify(text)}: expected a whole number from 1`);
}

const powers = ['', 'K', 'M', 'G', 'T'];

function sizeOf(given: Given, path: readonly string[]): number | undefined {
  const text = given.one('bytes');
  if (text === undefined) return undefined;
  const [, count, unit = ''] = /^([1-9]\d{0,14})([KMGT]?)$/.exec(text) ?? [];
  const bytes = Number(count) * 1024 ** powers.indexOf(unit);
  if (Number.isSafeInteger(bytes)) return bytes;
  const expected = 'expected a whole number from 1, or one as 500M or 20G';
  throw usage(path, `Cannot use --bytes ${JSON.stringify(text)}: ${expected}`);
}
