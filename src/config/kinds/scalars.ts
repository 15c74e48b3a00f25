/** Booleans, numbers, texts, choices, and lists of any kind. */

import { type Kind, kindOf } from '../kind.ts';

export const boolean: Kind<boolean> = kindOf(
  'true or false',
  (raw) => (typeof raw === 'boolean' ? raw : undefined),
  (text) => (text === 'true' ? true : text === 'false' ? false : text),
);

/** Both bounds belong to the range. */
export function wholeNumber(min: number, max: number): Kind<number> {
  return kindOf(
    `a whole number from ${min} to ${max}`,
    (raw) => (Number.isInteger(raw) && isWithin(raw, min, max) ? raw : undefined),
    numberFromText,
  );
}

/** Both bounds belong to the range; fractions are allowed. */
export function decimal(min: number, max: number): Kind<number> {
  return kindOf(
    `a number from ${min} to ${max}`,
    (raw) => (isWithin(raw, min, max) ? raw : undefined),
    numberFromText,
  );
}

/** @param pattern has to match the whole text */
export function text(expected: string, pattern: RegExp): Kind<string> {
  return kindOf(expected, (raw) =>
    typeof raw === 'string' && pattern.exec(raw)?.[0] === raw ? raw : undefined,
  );
}

export function oneOf<const T extends string>(choices: readonly T[]): Kind<T> {
  return kindOf(`one of ${choices.join(', ')}`, (raw) => choices.find((choice) => choice === raw));
}

/** As text its items stand between commas. An empty text is an empty list. */
export function listOf<T>(
  item: Kind<T>,
  options: { min?: number; max: number },
): Kind<readonly T[]> {
  const min = options.min ?? 0;
  const expected = `a list of ${min} to ${options.max} items, each ${item.expected}`;
  return {
    expected,
    parse: (raw, place) => {
      if (!Array.isArray(raw) || raw.length < min || raw.length > options.max) {
        return place.refuse(raw, expected);
      }
      const items = raw.map((each, index) => item.parse(each, place.child(index)));
      return items.every((each) => each !== undefined) ? items : undefined;
    },
    fromText: (line) => (line === '' ? [] : line.split(',').map((part) => part.trim())),
  };
}

function isWithin(raw: unknown, min: number, max: number): raw is number {
  return typeof raw === 'number' && raw >= min && raw <= max;
}

function numberFromText(text: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
