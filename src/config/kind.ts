/** What a setting's value may be: how it is checked, and how it is written as text. */

import type { Place } from './place.ts';

export interface Kind<T> {
  /** What is expected, for messages and docs/configuration.md, as "a whole number from 1 to 10". */
  readonly expected: string;
  /** The checked value, or undefined after a report to `place`. */
  parse(raw: unknown, place: Place): T | undefined;
  /**
   * What the text of an environment variable or flag stands for, still unchecked. Absent: the
   * setting is written in the file alone.
   */
  readonly fromText?: (text: string) => unknown;
  /**
   * Whether nobody but Portcullis may read it: no message shows it, and no flag sets it, because every
   * user of the host can read the command lines of all.
   */
  readonly isSecret?: boolean;
}

/** A kind whose values are told apart from mistakes by one function; undefined is a mistake. */
export function kindOf<T>(
  expected: string,
  convert: (raw: unknown, place: Place) => T | undefined,
  fromText: (text: string) => unknown = (text) => text,
): Kind<T> {
  return {
    expected,
    parse: (raw, place) => convert(raw, place) ?? place.refuse(raw, expected),
    fromText,
  };
}
