/** Looks again and again whether the store answers, for those who watch the process from outside. */

import type { Store } from '../stores/store.ts';
import { repeat } from '../tasks/repeat.ts';
import type { Background } from './work.ts';

/** How often it is looked, in milliseconds. */
export const lookMilliseconds = 5000;

/** A store that takes longer to answer than this is away, in milliseconds. */
export const answerMilliseconds = 5000;

export interface StorePulse extends Background {
  /** Undefined until the first look is over, and once nobody looks any more. */
  readonly isUp: boolean | undefined;
}

export interface StorePulseParts {
  readonly store: () => Promise<Pick<Store, 'revision'>>;
  readonly everyMilliseconds?: number;
  readonly answerMilliseconds?: number;
}

export function createStorePulse(parts: StorePulseParts): StorePulse {
  const { everyMilliseconds = lookMilliseconds } = parts;
  let isUp: boolean | undefined;
  let first: Promise<void> | undefined;
  let further: AsyncDisposable | undefined;
  const tell = (answers: boolean): void => {
    isUp = answers;
  };
  const look = (): Promise<void> => lookOnce(parts, tell);
  return {
    get isUp() {
      return isUp;
    },
    start: () => {
      first = look();
      further = repeat(everyMilliseconds, look);
    },
    stop: async () => {
      await first;
      await further?.[Symbol.asyncDispose]();
      isUp = undefined;
    },
  };
}

/** Tells of a store that is slow when it is late, and of one that is late when it answers after all. */
async function lookOnce(
  { store, answerMilliseconds: limit = answerMilliseconds }: StorePulseParts,
  tell: (answers: boolean) => void,
): Promise<void> {
  const late = setTimeout(tell, limit, false);
  try {
    // A read: a MongoDB server answers a ping also to whom it refuses to read.
    await (await store()).revision();
    tell(true);
  } catch {
    // The parts that use the store say in the log why it does not answer.
    tell(false);
  } finally {
    clearTimeout(late);
  }
}
