/**
 * Whether bytes are DER through and through: for values that decide nothing here, but that another
 * reader of the same certificate must neither choke on nor take for something else.
 */

import { DerError, DerReader, derTags } from './der.ts';
import { parseTime } from './der-time.ts';
import { textDecoders } from './distinguished-name.ts';

/** How deep values may stand inside of each other. A directoryName takes some eight. */
export const nestingMax = 32;

/** Values in all. */
export const valuesMax = 4096;

/**
 * @param what names the value in the error
 * @throws DerError unless `bytes` are one value, in which all is in DER's one spelling, of at most
 *   {@link valuesMax} values and no deeper than {@link nestingMax}
 */
export function demandDer(bytes: Uint8Array, what: string): void {
  const reader = new DerReader(bytes);
  demandValue(reader, 1, { what, valuesLeft: valuesMax });
  reader.end(what);
}

interface Walk {
  readonly what: string;
  valuesLeft: number;
}

const constructedBit = 0x20;
const classBits = 0xc0;

function demandValue(reader: DerReader, depth: number, walk: Walk): void {
  const { what } = walk;
  const { tag, content } = reader.readAny(what);
  if (depth > nestingMax) throw new DerError(`its ${what} is nested more than ${nestingMax} deep`);
  if (walk.valuesLeft === 0) throw new DerError(`its ${what} has more than ${valuesMax} values`);
  walk.valuesLeft -= 1;
  if ((tag & classBits) === 0 && tag !== derTags.sequence && tag !== derTags.set) {
    demandUniversal(tag, content, what);
  } else if ((tag & constructedBit) !== 0) {
    const inside = new DerReader(content);
    while (!inside.done) demandValue(inside, depth + 1, walk);
  }
}

function demandUniversal(tag: number, content: Uint8Array, what: string): void {
  const isWellFormed = forms.get(tag);
  if (isWellFormed === undefined) throw new DerError(`its ${what} has an unexpected ASN.1 type`);
  if (!isWellFormed(content)) throw new DerError(`its ${what} is not encoded as DER wants`);
}

type Form = (content: Uint8Array) => boolean;

/** By the tag of a type that is never constructed in DER. */
const forms: ReadonlyMap<number, Form> = new Map<number, Form>([
  [derTags.boolean, (content) => content.length === 1 && (content[0] === 0 || content[0] === 0xff)],
  [derTags.integer, isInteger],
  [derTags.bitString, isBitString],
  [derTags.octetString, () => true],
  [derTags.null, ({ length }) => length === 0],
  [derTags.oid, isObjectIdentifier],
  [derTags.utcTime, (content) => parseTime(derTags.utcTime, content) !== undefined],
  [derTags.generalizedTime, (content) => parseTime(derTags.generalizedTime, content) !== undefined],
  ...[...textDecoders].map(([tag, decode]): [number, Form] => [
    tag,
    (content) => decode(content) !== undefined,
  ]),
]);

/** In as few bytes as it can be: the first nine bits are never all the same. */
function isInteger([first, second]: Uint8Array): boolean {
  if (first === undefined) return false;
  if (second === undefined) return true;
  return !(first === 0 && second < 0x80) && !(first === 0xff && second >= 0x80);
}

/** The first byte counts the bits of the last one that do not belong to it, and are 0. */
function isBitString(content: Uint8Array): boolean {
  const [unused = 8] = content;
  if (content.length === 1) return unused === 0;
  return unused < 8 && ((content.at(-1) ?? 0) & ((1 << unused) - 1)) === 0;
}

/** Each part ends with a byte below 0x80, and begins with none that adds nothing. */
function isObjectIdentifier(content: Uint8Array): boolean {
  const isPadded = content.some((byte, at) => byte === 0x80 && (content[at - 1] ?? 0) < 0x80);
  return !isPadded && (content.at(-1) ?? 0x80) < 0x80;
}
