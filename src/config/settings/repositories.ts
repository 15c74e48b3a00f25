/** What the repositories of the store are published with. */

import { filePath, rootDirectory } from '../kinds/files.ts';
import { listOf } from '../kinds/scalars.ts';
import type { Place } from '../place.ts';
import { policy } from '../policy.ts';
import { type GroupValue, group, optionalSetting, setting } from '../setting.ts';

const members = {
  access: optionalSetting(policy, {
    description:
      'The policy of what is published: who may read a distribution of a repository for which the API has set none, and whose distributor names no auth_ca. Left out, nobody may.',
    example: { policy: 'customers' },
  }),
  gpgKeyFile: optionalSetting(filePath, {
    description:
      'The secret OpenPGP key that signs the metadata of yum and apt repositories, as `gpg --export-secret-keys --armor` writes it: one key, which only the user and the group of Portcullis may read. Without one nothing is signed. A distributor with gpg_sign_metadata: false is not signed either.',
    example: '/etc/portcullis/signing-key.asc',
  }),
  gpgPassphraseFile: optionalSetting(filePath, {
    description: 'A file with the passphrase of that key in its first line.',
    example: '/etc/portcullis/signing-passphrase',
  }),
  directoryRoots: setting(listOf(rootDirectory, { max: 100 }), {
    description:
      'Below which directories the trees may lie that distributors of the type directory_distributor serve, without symbolic links in their paths. Without one they serve nothing. The front has to be able to read them, and its configuration names them.',
    default: [],
    example: ['/srv/trees'],
  }),
};

export const repositoriesGroup = group(
  'What the repositories of the store are published with.',
  members,
  refusePassphraseAlone,
);

function refusePassphraseAlone(
  { gpgKeyFile, gpgPassphraseFile }: GroupValue<typeof members>,
  place: Place,
): void {
  if (gpgPassphraseFile === undefined || gpgKeyFile !== undefined) return;
  place
    .child('gpgPassphraseFile')
    .report('Cannot use it without repositories.gpgKeyFile: expected the key that it is of');
}
