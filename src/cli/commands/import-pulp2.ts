/** `portcullis import-pulp2`. */

import { rm } from 'node:fs/promises';
import path from 'node:path';
import { loadConfiguration, requireRight } from '../../config/load.ts';
import type { Note } from '../../pulp2-import/notes.ts';
import { printable } from '../../terminal/output.ts';
import { usage } from '../arguments.ts';
import type { Arguments, Command } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';

export const importPulp2: Command = {
  name: 'import-pulp2',
  summary: 'writes the configuration that a Pulp 2 comes to',
  synopsis: '',
  description: [
    "Reads the files of a Pulp 2 installation (repo_auth.conf, server.conf, the listing of protected repositories, the certificate bundles, Apache's configuration of Pulp and what is published) and writes a configuration with a distribution for each repository: its own CA goes before the global one, what Pulp protected is protected, and what everybody could have in Pulp is public. CA files are copied into the directory pulp2-ca beside the configuration.",
    'Without --out it changes nothing: the configuration goes to the standard output, where its CA files would lie beside it. What could not be carried over, what is stricter or different now and why, and what is left to do are told line by line on the standard error output, and in comments of the configuration. Whatever it cannot make sense of lets nobody in.',
    "Nothing of the installation is changed, and no symbolic link leads it out of --root. Of Pulp's database nothing is read but what --distributors names; docs/migration.md says how users and roles come along.",
  ],
  options: {
    root: {
      value: 'DIR',
      text: 'The directory that is / for the installation, as a backup or a mounted disk. Default: /.',
    },
    out: {
      value: 'FILE',
      text: 'Writes the configuration there, and refuses when FILE or pulp2-ca beside it is there already.',
    },
    force: { text: 'Replaces what is there.' },
    trees: {
      value: 'DIR',
      text: "Makes trees without links in a new directory of DIR, of hard links to Pulp's files, and serves these. Pulp publishes its packages as links that lead out of the published tree, which are not followed here. DIR has to be on the file system of Pulp's storage.",
    },
    distributors: {
      value: 'FILE',
      text: "Pulp's collection repo_distributors, as mongoexport writes it. A repository with auth_ca and without auth_cert, of which Pulp told nothing in its files and which it left open, is protected by that CA then.",
    },
    'without-authenticators': {
      value: 'NAMES',
      text: 'Authenticators that were installed in Pulp besides its own, separated by commas, whose answer is not missed. Without it nobody has access to what they were asked about.',
    },
    'without-restrictions': {
      text: 'Does not miss what Apache asks of clients besides a certificate (Require, Allow, Deny, AuthType, SSLRequire). Without it nobody has access to what these are about.',
    },
  },
  isConfigured: false,
  words: { min: 0, max: 0 },
  exitStatus: {
    [exitCodes.refused]: 'Something could not be carried over; the rest is written.',
    [exitCodes.cannotCreate]: 'FILE is there already, or something cannot be written.',
  },
  examples: [
    { text: 'What would come of it?', line: 'portcullis import-pulp2 > /dev/null' },
    {
      text: 'Writes it, with trees beside the storage of Pulp:',
      line: 'portcullis import-pulp2 --trees /var/lib/pulp/portcullis --out /etc/portcullis/portcullis.yaml',
    },
  ],
  run: async ({ options }) => {
    if (options.has('force') && !options.has('out')) {
      throw usage(importPulp2, 'Cannot use --force: it needs --out');
    }
    const { readPulp2 } = await import('../../pulp2-import/import-pulp2.ts');
    const trees = treesOf(options);
    const imported = await readPulp2({
      root: options.get('root') ?? '/',
      trees,
      ignoresRestrictions: options.has('without-restrictions'),
      distributors: options.get('distributors'),
      withoutAuthenticators: namesOf(options.get('without-authenticators')),
    });
    const out = options.get('out');
    await validate(imported.render(), out);
    if (out === undefined) process.stdout.write(imported.render());
    else await write(imported, { out: path.resolve(out), trees, force: options.has('force') });
    const notes = imported.notes.all();
    process.stderr.write(notes.map(describeNote).join(''));
    const isLossy = notes.some(({ kind }) => kind === 'not carried over');
    return isLossy ? exitCodes.refused : exitCodes.ok;
  },
};

type Imported = Awaited<ReturnType<typeof import('../../pulp2-import/import-pulp2.ts').readPulp2>>;

/** Each import has trees of its own: a running server goes on with those of the one before. */
function treesOf(options: Arguments['options']): string | undefined {
  const trees = options.get('trees');
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return trees === undefined ? undefined : path.resolve(trees, time);
}

function namesOf(text = ''): readonly string[] {
  return text.split(',').flatMap((name) => name.trim().toLowerCase() || []);
}

/** What is written is what our own loader takes. */
async function validate(text: string, out = 'portcullis.yaml'): Promise<void> {
  requireRight(await loadConfiguration({ file: out, text, environment: {}, flags: {} }));
}

interface Target {
  readonly out: string;
  readonly trees: string | undefined;
  readonly force: boolean;
}

async function write(imported: Imported, { out, trees, force }: Target): Promise<void> {
  const { distributions, authorities } = imported;
  const { refuseOverwriting, writeImport } = await import('../../pulp2-import/write-import.ts');
  if (!force) await refuseOverwriting(out);
  await using undo = new AsyncDisposableStack();
  if (trees !== undefined) {
    const { buildTrees } = await import('../../pulp2-import/build-trees.ts');
    await buildTrees(trees, imported);
    undo.defer(() => rm(trees, { recursive: true, force: true }));
  }
  await writeImport(out, { text: imported.render(), authorities }, force);
  undo.move();
  const counts = [
    `${distributions.length} distributions`,
    `${distributions.filter(({ access }) => access.length === 0).length} of them for nobody`,
    `${authorities.size} CA files`,
  ];
  process.stdout.write(`${printable(`Wrote ${out}: ${counts.join(', ')}.`)}\n`);
}

function describeNote({ kind, about, text }: Note): string {
  const where = about === undefined ? '' : `${about}: `;
  const line = printable(`${where}${text}`).replaceAll('\n', ' ');
  return `${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}: ${line}.\n`;
}
