/**
 * Real instances whose workers are killed all the time: the primary starts another at once, a lease ends in
 * seconds, and no task fails for the deaths of its workers. Loaded before a program by `--import`.
 */

import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

/** The value of NODE_OPTIONS for the primary, whose workers inherit it. */
export const withManyDeaths = `--import=${pathToFileURL(import.meta.filename).href}`;

/** What is imported in the place of modules. */
const replacements: Readonly<Record<string, string>> = {
  '/src/tasks/timing.ts': './often-killed-tasks.ts',
  '/src/workers/decisions/timing.ts': './often-killed-pool.ts',
  '/src/repository-tasks/kinds.ts': './often-killed-kinds.ts',
};

registerHooks({
  resolve: (specifier, context, nextResolve) => {
    const found = nextResolve(specifier, context);
    const entry = Object.entries(replacements).find(([end]) => found.url.endsWith(end));
    if (entry === undefined) return found;
    const url = import.meta.resolve(entry[1]);
    return context.parentURL === url ? found : { ...found, url };
  },
});
