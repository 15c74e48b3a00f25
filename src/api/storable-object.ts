/** Values of any shape that clients send to have them kept: notes, configurations, profiles. */

import { z } from 'zod';
import { messageOf } from '../errors.ts';
import type { JsonObject } from '../repositories/documents.ts';
import { checkValue, type Value } from '../stores/document.ts';
import { storeLimits } from '../stores/limits.ts';

/** The level of a document at which such an object may come to stand at the lowest. */
const level = 6;

/** What every store keeps as it is: a name that is an operator or a path is none. */
export const storableObject = z
  .record(z.string(), z.unknown())
  .transform((raw, context) => checked(raw, context) as JsonObject);

/** The same, or a list. */
export const storableValue = z
  .union([z.array(z.unknown()), z.record(z.string(), z.unknown())], 'it is no list and no object')
  .transform(checked);

function checked(raw: unknown, context: z.RefinementCtx): Value {
  try {
    return checkValue(raw, 'a value in it', level, storeLimits);
  } catch (error) {
    context.addIssue({ code: 'custom', message: reasonOf(error) });
    return z.NEVER;
  }
}

/** The clause of an error, as "the name "a.b" cannot be a field's: it holds a dot". */
function reasonOf(error: unknown): string {
  return messageOf(error).replace(/^Cannot keep a document: /, '');
}
