/** Does something for each of many, so many at a time. */

/**
 * The first that fails ends it: no more are begun, `stop` is called so that those under way end, and they are
 * waited for.
 */
export async function eachOf<T>(
  items: AsyncIterable<T> | Iterable<T>,
  atATime: number,
  stop: (reason: unknown) => void,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let failure: { readonly reason: unknown } | undefined;
  const fail = (reason: unknown): void => {
    failure ??= { reason };
    stop(reason);
  };
  try {
    for await (const item of items) {
      if (failure !== undefined) break;
      const done: Promise<void> = work(item)
        .catch(fail)
        .finally(() => running.delete(done));
      running.add(done);
      if (running.size >= atATime) await Promise.race(running);
    }
  } catch (error) {
    fail(error);
  }
  await Promise.all(running);
  if (failure !== undefined) throw failure.reason;
}
