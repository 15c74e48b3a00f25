/** What an option of an importer or distributor may be. */

import { authorityPemLimits, parseCertificatePem } from '../pem.ts';
import type { ConfigField } from './config-reader.ts';
import { readFeedUrl } from './feed-url.ts';
import { relativePathOf } from './relative-path.ts';

/** Texts of options, in UTF-16 code units; those that hold a file may be longer. */
const textLengthMax = 4096;
const fileLengthMax = 256 * 1024;

/** As pulp-admin sends it, or in words as its configuration files have it. */
export const flag: ConfigField = {
  expected: 'true or false',
  read: (raw) => {
    if (typeof raw === 'boolean') return raw;
    const word = typeof raw === 'string' ? raw.toLowerCase() : undefined;
    return word === 'true' ? true : word === 'false' ? false : undefined;
  },
};

export const text: ConfigField = {
  expected: `a text of 1 to ${textLengthMax} characters without control characters`,
  read: (raw) =>
    typeof raw === 'string' && raw.length <= textLengthMax && isPlain(raw) ? raw : undefined,
};

/** The content of a file, as a key. */
export const fileText: ConfigField = {
  expected: `the text of a file, of at most ${fileLengthMax} characters`,
  read: (raw) =>
    typeof raw === 'string' && raw !== '' && raw.length <= fileLengthMax && !raw.includes('\0')
      ? raw
      : undefined,
};

/** The same, of what everybody may see: a secret key in its place would be given away. */
export const publicFileText: ConfigField = {
  expected: `${fileText.expected}, without a private key in it`,
  read: (raw) => {
    const value = fileText.read(raw);
    return typeof value === 'string' && !/PRIVATE KEY/.test(value) ? value : undefined;
  },
};

/** The text of certificates of CAs. */
export const authorities: ConfigField = {
  expected: 'one or more certificates as PEM text',
  read: (raw) => {
    const value = fileText.read(raw);
    if (typeof value !== 'string') return undefined;
    return 'certificates' in parseCertificatePem(value, authorityPemLimits) ? value : undefined;
  },
};

export const names: ConfigField = {
  expected: 'a list of at most 1000 texts',
  read: (raw) =>
    Array.isArray(raw) && raw.length <= 1000 && raw.every((item) => text.read(item) !== undefined)
      ? raw
      : undefined,
};

export function wholeNumber(min: number, max: number): ConfigField {
  return {
    expected: `a whole number from ${min} to ${max}`,
    read: (raw) => {
      const isDigits = typeof raw === 'string' && /^\d{1,15}$/.test(raw);
      const number = isDigits ? Number(raw) : raw;
      const isWhole = typeof number === 'number' && Number.isInteger(number);
      return isWhole && number >= min && number <= max ? number : undefined;
    },
  };
}

export function choice(choices: readonly string[]): ConfigField {
  return {
    expected: `one of ${choices.join(', ')}`,
    read: (raw) => (typeof raw === 'string' && choices.includes(raw) ? raw : undefined),
  };
}

/** The address of a remote repository. */
export const feedUrl: ConfigField = {
  expected: 'an http: or https: URL of a host',
  read: (raw) => (typeof raw === 'string' ? readFeedUrl(raw)?.url : undefined),
};

/** Kept as it was sent; where it is served is {@link relativePathOf} of it. */
export const relativeUrl: ConfigField = {
  expected:
    'a relative path of whole segments of at most 255 bytes, 4096 in all, none of them empty, . or ..',
  read: (raw) => (typeof raw === 'string' && relativePathOf(raw) !== undefined ? raw : undefined),
};

export function required(field: ConfigField): ConfigField {
  return { ...field, isRequired: true };
}

function isPlain(value: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses.
  return value !== '' && !/[\u0000-\u001f\u007f]/.test(value);
}
