/** What is kept of the end of a task's function: checked, because the store refuses what it cannot keep. */

import { PortcullisError, toPublicError } from '../errors.ts';
import { checkValue, type Value } from '../stores/document.ts';
import { storeLimits } from '../stores/limits.ts';
import { TaskFailure } from './kind.ts';
import type { Arguments } from './record.ts';
import { valueBytes } from './submission.ts';
import type { TaskError } from './task.ts';
import type { Outcome } from './transitions.ts';

export function finishedWith(result: Value | undefined, bytesMax: number): Outcome {
  const kept = keepable(result ?? null, bytesMax);
  // The work is done, and doing it again would not make the result any smaller.
  const omitted = { omitted: `it cannot be kept in ${bytesMax} bytes` };
  return { state: 'finished', result: kept === undefined ? omitted : kept };
}

/** Shows what was meant to be shown, and of anything else nothing but that it was (T92). */
export function failedWith(thrown: unknown, bytesMax: number): Outcome {
  return { state: 'error', error: errorOf(thrown, bytesMax) };
}

/** A copy of `value`; undefined when the store would refuse it, or it is too large. */
export function keepable(value: Value, bytesMax: number): Value | undefined {
  try {
    const copy = checkValue(value, 'it', 2, storeLimits);
    return valueBytes(copy) > bytesMax ? undefined : copy;
  } catch {
    return undefined;
  }
}

export function keepableObject(value: Arguments, bytesMax: number): Arguments | undefined {
  const copy = keepable({ value }, bytesMax + '{"value":}'.length);
  return copy === undefined ? undefined : (copy as { readonly value: Arguments }).value;
}

function errorOf(thrown: unknown, bytesMax: number): TaskError {
  if (thrown instanceof TaskFailure) {
    const { code, message, data } = thrown;
    const shown = keepableObject({ description: message, data }, bytesMax);
    const { description, data: kept } = (shown ?? { description: code, data: {} }) as {
      readonly description: string;
      readonly data: Arguments;
    };
    return { code, description, data: kept, sub_errors: [] };
  }
  const { code, text } = toPublicError(thrown);
  const isKnown = thrown instanceof PortcullisError;
  const description = isKnown ? text : 'The task failed; the log says why under its id.';
  return { code: 'PLP0000', description, data: isKnown ? { code } : {}, sub_errors: [] };
}
