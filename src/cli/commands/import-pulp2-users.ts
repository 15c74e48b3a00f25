/** `portcullis import-pulp2-users`. */

import { printable } from '../../terminal/output.ts';
import type { Command } from '../command.ts';
import { requireConfiguration } from '../configured.ts';
import { exitCodes } from '../exit-codes.ts';

export const importPulp2Users: Command = {
  name: 'import-pulp2-users',
  summary: 'makes users and roles of a Pulp 2 here',
  synopsis: 'DIR',
  description: [
    "Reads exports of Pulp's database in DIR, as mongoexport writes them, and makes its users and roles in the store of the configuration: users.json, which has to be there, roles.json and permissions.json. Their passwords come along as Pulp kept them; each is kept anew, in a way that is hard to guess, when its user logs in for the first time. A password that is still Pulp's default does not come along.",
    'What Pulp copied from a role to its members is theirs by the role alone, and ends with it. Who is there already stays as before. What did not come along is told line by line on the standard error output.',
    'It writes to the store, which has to be there: portcullis create-admin makes it. A server may run or not. Run by root, it does so as process.user, or else as the owner of the directory of the SQLite database.',
  ],
  options: {},
  isConfigured: true,
  words: { min: 1, max: 1 },
  exitStatus: {
    [exitCodes.refused]: 'Something did not come along, or there is no store.',
    [exitCodes.unavailable]: 'The store cannot be used, or not as the user that it has to be.',
  },
  examples: [
    {
      text: 'On the server of Pulp:',
      line: 'for c in users roles permissions; do mongoexport --db pulp_database --collection $c --out $c.json; done',
    },
    {
      text: 'Where Portcullis runs, with what was exported in the present directory:',
      line: 'portcullis import-pulp2-users .',
    },
  ],
  run: async (args) => {
    const { configuration } = await requireConfiguration(args);
    // Loaded when it is needed: it is most of the program, and a manual needs none of it.
    const { readPeople } = await import('../../pulp2-import/people.ts');
    const people = await readPeople(args.words[0] ?? '.');
    const { isStoreMissing } = await import('../../work/missing-store.ts');
    if (isStoreMissing(configuration.store)) return refuse(configuration.store.file);
    const { becomeUserOfStore } = await import('../../work/administrator.ts');
    const { createControlPlane } = await import('../../work/control-plane.ts');
    const { importPeople } = await import('../../work/import-people.ts');
    becomeUserOfStore(configuration);
    await using controlPlane = createControlPlane(configuration, 'write');
    const imported = await importPeople(await controlPlane.store(), people);
    process.stdout.write(`Made ${imported.users} users and ${imported.roles} roles.\n`);
    const lines = imported.losses.map((loss) => `Not carried over: ${printable(loss)}.\n`);
    process.stderr.write(lines.join(''));
    return lines.length === 0 ? exitCodes.ok : exitCodes.refused;
  },
};

function refuse(store: string): number {
  const text = `Cannot import users: there is no store ${store}; make it with portcullis create-admin`;
  process.stderr.write(`${printable(text)}\n`);
  return exitCodes.refused;
}
