/**
 * Imports modules and reports which of them did input or output as they loaded.
 *
 *     node module-load-probe.ts FOLDER FILE…
 *
 * Prints a JSON array with one sentence for each call that came from a file in FOLDER.
 */

import { createRequire, syncBuiltinESMExports } from 'node:module';
import { pathToFileURL } from 'node:url';

const watched = [
  'fs',
  'fs/promises',
  'net',
  'tls',
  'http',
  'https',
  'dns',
  'child_process',
  'dgram',
];
const [folder = '', ...files] = process.argv.slice(2);
const origin = pathToFileURL(folder).href;
const offences: string[] = [];

const require = createRequire(import.meta.url);
for (const name of watched) watch(name, require(`node:${name}`) as Record<string, unknown>);
syncBuiltinESMExports();

const resources = countResources();
for (const file of files) {
  await import(pathToFileURL(file).href);
  if (countResources() > resources) offences.push(`${file} keeps the process alive`);
}
process.stdout.write(JSON.stringify(offences));
process.exit(0);

/** The loader itself reads files: only calls with a watched file on the stack count. */
function watch(name: string, module: Record<string, unknown>): void {
  for (const [key, original] of Object.entries(module)) {
    if (typeof original !== 'function' || /^(?:[A-Z]|isIP)/.test(key)) continue;
    const watcher = function (this: unknown, ...args: unknown[]): unknown {
      const caller = new Error().stack?.split('\n').find(isWatched);
      if (caller !== undefined) offences.push(`node:${name} ${key} is called ${caller.trim()}`);
      return Reflect.apply(original, this, args);
    };
    Object.defineProperty(module, key, { value: Object.assign(watcher, original) });
  }
}

function isWatched(frame: string): boolean {
  return (
    frame.includes(origin) && !frame.includes('/node_modules/') && !frame.includes(import.meta.url)
  );
}

/** Timers, sockets and watchers; what the probe's own pipes need is there before. */
function countResources(): number {
  return process.getActiveResourcesInfo().filter((kind) => !/^(?:Pipe|TTY|Immediate)/.test(kind))
    .length;
}
