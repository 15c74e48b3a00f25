/** Where a store is. */

import type { Kind } from '../kind.ts';

/** The longest URL of a store, in characters. */
export const storeUrlCharactersMax = 4096;

/** Printable ASCII: whatever a password has besides is percent-encoded. The driver reads the rest. */
const pattern = /^mongodb(?:\+srv)?:\/\/[\x21-\x7e]+$/;

/** The URL of MongoDB servers. It holds their password, so a message never repeats it. */
export const mongodbUrl: Kind<string> = {
  expected: `a URL that begins with mongodb:// or mongodb+srv://, of at most ${storeUrlCharactersMax} printable ASCII characters`,
  isSecret: true,
  fromText: (text) => text,
  parse: (raw, place) => {
    if (isMongodbUrl(raw)) return raw;
    place.report(`Cannot use what stands there: expected ${mongodbUrl.expected}`);
    return undefined;
  },
};

export function isMongodbUrl(raw: unknown): raw is string {
  return typeof raw === 'string' && raw.length <= storeUrlCharactersMax && pattern.test(raw);
}
