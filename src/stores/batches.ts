/** Many of something, a bounded number at a time. */

/** @returns the results of all, in order; what `work` throws ends it, with the batches before done */
export async function inBatches<Item, Result>(
  items: readonly Item[],
  size: number,
  work: (batch: readonly Item[]) => Promise<readonly Result[]>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += size) {
    for (const result of await work(items.slice(start, start + size))) results.push(result);
  }
  return results;
}

/**
 * Does `work` for each, at most `parallel` at the same time.
 *
 * @returns the results in the order of `items`
 * @throws what one of them threw, once none is under way any more
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  parallel: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await work(item);
  };
  const workers = await Promise.allSettled(Array.from({ length: parallel }, worker));
  for (const outcome of workers) if (outcome.status === 'rejected') throw outcome.reason;
  return results;
}
