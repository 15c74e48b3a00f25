/** `portcullis verify`. */

import { processEnvironment } from '../../config/environment.ts';
import { printable } from '../../terminal/output.ts';
import type { Command } from '../command.ts';
import { requireConfiguration } from '../configured.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Checked } from '../verify/finding.ts';
import { isRight, progressText, resultJson, resultLines } from '../verify/present.ts';

export const verify: Command = {
  name: 'verify',
  summary: 'reads all that is stored and tells what is wrong with it',
  synopsis: '',
  description: [
    'Reads the bytes of every artifact below storage.directory and compares them with their digests, and compares the storage with the store in both directions: artifacts that units refer to and that are not there, artifacts that nobody refers to, publications and uploads that one of the two does not know, files of publications that are not as they were published, and imports that never ended.',
    'With --repair it mends what can be mended safely: bytes that a publication still has are put back, a file of a publication is linked anew to its artifact, what is left over is removed, and damaged bytes are moved to damaged/ in the storage, so that the next upload or sync stores them anew. What is referred to and intact is never removed.',
    'The server may run. The memory does not grow with the storage. Run by root, it does so as process.user, or else as the owner of the directory of the SQLite database.',
  ],
  options: {
    repair: { text: 'Mends what can be mended safely.' },
    json: { text: 'Writes one JSON object. docs/storage.md has its fields.' },
  },
  isConfigured: true,
  words: { min: 0, max: 0 },
  exitStatus: {
    [exitCodes.ok]: 'Nothing is wrong, or all of it was repaired.',
    [exitCodes.refused]: 'Something is wrong, or there is no store.',
    [exitCodes.unavailable]: 'The store or the storage cannot be used.',
  },
  examples: [
    { text: 'Every week, with a message of what is wrong:', line: 'portcullis verify' },
    {
      text: 'What is wrong, for a program:',
      line: "portcullis verify --json | jq -r '.findings[].message'",
    },
  ],
  run: async (args) => {
    const { configuration } = await requireConfiguration(args);
    // Loaded when it is needed: it is most of the program, and a manual needs none of it.
    const { isStoreMissing } = await import('../../work/missing-store.ts');
    if (isStoreMissing(configuration.store)) return refuse(configuration.store.file);
    const { becomeUserOfStore } = await import('../../work/administrator.ts');
    const { createControlPlane } = await import('../../work/control-plane.ts');
    const { openStorage } = await import('../../storage/open-storage.ts');
    const { verifyStorage } = await import('../verify/verify-storage.ts');
    becomeUserOfStore(configuration);
    await using controlPlane = createControlPlane(configuration, 'write');
    const result = await verifyStorage({
      store: await controlPlane.store(),
      storage: await openStorage(configuration.storage),
      isRepairing: args.options.has('repair'),
      now: () => new Date(),
      signal: new AbortController().signal,
      progress: progressWriter(),
    });
    const text = args.options.has('json') ? resultJson(result) : resultLines(result).join('\n');
    process.stdout.write(`${text}\n`);
    return isRight(result) ? exitCodes.ok : exitCodes.refused;
  },
};

const progressMilliseconds = 200;

/** In a terminal, one line that is written anew. */
function progressWriter(): (checked: Readonly<Checked>) => void {
  if (!process.stderr.isTTY || processEnvironment().TERM === 'dumb') return () => {};
  let next = 0;
  return (checked) => {
    const now = performance.now();
    if (now < next) return;
    next = now + progressMilliseconds;
    process.stderr.write(`\r\u001b[K${progressText(checked)}\r`);
  };
}

function refuse(store: string): number {
  const text = `Cannot verify the storage: there is no store ${store}`;
  process.stderr.write(`${printable(text)}\n`);
  return exitCodes.refused;
}
