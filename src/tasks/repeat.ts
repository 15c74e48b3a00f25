/** Work that is done again and again, never twice at once. */

/** @param work fails to no effect: the next time comes by itself */
export function repeat(everyMilliseconds: number, work: () => Promise<void>): AsyncDisposable {
  let running: Promise<void> = Promise.resolve();
  let isOver = false;
  const once = async (): Promise<void> => {
    const begun = performance.now();
    await work().catch(() => {});
    if (!isOver) schedule(begun + everyMilliseconds - performance.now());
  };
  const schedule = (milliseconds: number): void => {
    timer = setTimeout(
      () => {
        running = once();
      },
      Math.max(0, milliseconds),
    );
  };
  let timer: NodeJS.Timeout | undefined;
  schedule(everyMilliseconds);
  return {
    [Symbol.asyncDispose]: async () => {
      isOver = true;
      clearTimeout(timer);
      await running;
    },
  };
}
