/** Turns the names of fields in a filter that a client wrote into those that the store has. */

/**
 * A filter with other paths in place of its own. What is no filter is left for the reader of filters,
 * which says what is wrong with it.
 *
 * @param rename gives the path in the store of each path that the filter names
 */
export function renameFields(raw: unknown, rename: (path: string) => string): unknown {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return raw;
  const renamed = Object.entries(raw).map(([name, value]): [string, unknown] => {
    if (!name.startsWith('$')) return [rename(name), value];
    const parts = Array.isArray(value) ? value.map((part) => renameFields(part, rename)) : value;
    return [name, parts];
  });
  const paths = new Set(renamed.map(([name]) => name));
  // Two names of one field, as `id` and `_id`, both have to hold.
  return paths.size === renamed.length
    ? Object.fromEntries(renamed)
    : { $and: renamed.map((part) => Object.fromEntries([part])) };
}
