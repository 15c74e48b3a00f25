/** Maps that remember so many entries and no more. */

/**
 * Makes `value` the newest entry of `map`, whose order is from the oldest on, and takes out the oldest
 * above `max`. Whoever reads an entry that shall not be the next to go makes it the newest again.
 *
 * @param max entries; of 0 none is kept
 */
export function keepNewest<Key, Value>(
  map: Map<Key, Value>,
  key: Key,
  value: Value,
  max: number,
): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= max) return;
    map.delete(oldest);
  }
}
