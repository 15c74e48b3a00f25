/** A response that was ended over the head of its listener, which does not know and may go on. */

import type { ServerResponse } from 'node:http';

/**
 * From now on nothing that is done to `response` does anything. node:http would throw at whoever sets
 * a header of an ended response, and that may be a timer's callback, where it would end the process.
 */
export function ignoreLateWork(response: ServerResponse): void {
  response.on('error', () => {});
  const same = (): ServerResponse => response;
  const nothing = (): void => {};
  const write = (...args: readonly unknown[]): boolean => {
    answerLast(args);
    // Who waits for a drain gets the 'close' that follows.
    return false;
  };
  const end = (...args: readonly unknown[]): ServerResponse => {
    answerLast(args);
    return response;
  };
  const ignored = {
    ...{ setHeader: same, setHeaders: same, appendHeader: same, writeHead: same, destroy: same },
    ...{ removeHeader: nothing, flushHeaders: nothing, addTrailers: nothing },
    ...{ writeContinue: answerLater, writeProcessing: answerLater, writeEarlyHints: answerLater },
    ...{ write, end },
  };
  for (const [name, value] of Object.entries(ignored)) {
    Object.defineProperty(response, name, { value, configurable: true, writable: true });
  }
}

function answerLater(...args: readonly unknown[]): void {
  answerLast(args);
}

/** Calls the callback of a call, which stands last, with the error that the bytes went nowhere. */
function answerLast(args: readonly unknown[]): void {
  const callback = args.at(-1);
  if (typeof callback !== 'function') return;
  const error = Object.assign(new Error('the response was ended for its time limit'), {
    code: 'ERR_STREAM_WRITE_AFTER_END',
  });
  process.nextTick(() => callback(error));
}
