/** Conditions on distinguished names: on parsed attributes, exactly, and never on printed text. */

import type { NameAttribute } from 'portcullis/plugin';

/** Accepted values by the attribute's dotted object identifier. */
export type NameConditions = ReadonlyMap<string, ReadonlySet<string>>;

/** The attributes that a condition may call by name; all others by their object identifier. */
export const attributeOids: ReadonlyMap<string, string> = new Map([
  ['CN', '2.5.4.3'],
  ['serialNumber', '2.5.4.5'],
  ['C', '2.5.4.6'],
  ['L', '2.5.4.7'],
  ['ST', '2.5.4.8'],
  ['O', '2.5.4.10'],
  ['OU', '2.5.4.11'],
  ['UID', '0.9.2342.19200300.100.1.1'],
  ['DC', '0.9.2342.19200300.100.1.25'],
  ['emailAddress', '1.2.840.113549.1.9.1'],
]);

/**
 * Why `name` does not meet `conditions`; undefined when it does. The name has to have the attribute,
 * and all its values of it have to be accepted: a second CN must not ride along with the first.
 */
export function nameProblem(
  which: 'subject' | 'issuer',
  name: readonly NameAttribute[],
  conditions: NameConditions,
): string | undefined {
  for (const [oid, accepted] of conditions) {
    const values = name.filter((attribute) => attribute.oid === oid).map(({ value }) => value);
    const label = [...attributeOids].find(([, known]) => known === oid)?.[0] ?? oid;
    if (values.length === 0) return `the ${which} of the certificate has no ${label}`;
    const stranger = values.find((value) => !accepted.has(value));
    if (stranger !== undefined) {
      return `the ${which} of the certificate has the ${label} ${JSON.stringify(stranger)}, which the rule does not accept`;
    }
  }
  return undefined;
}
