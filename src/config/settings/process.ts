/** As whom Portcullis runs, and the traces that a running one leaves. */

import { account } from '../kinds/accounts.ts';
import { fileMode, filePath } from '../kinds/files.ts';
import type { Place } from '../place.ts';
import { type GroupValue, group, optionalSetting, setting } from '../setting.ts';

const processMembers = {
  user: optionalSetting(account, {
    description:
      'The user that Portcullis becomes once its sockets are bound; only root can become another. Left out, it stays who started it.',
    example: 'portcullis',
  }),
  group: optionalSetting(account, {
    description: 'The group that it becomes; left out, the group of process.user.',
    example: 'portcullis',
  }),
  pidFile: optionalSetting(filePath, {
    description:
      'The file that holds the process number of the primary while it runs; a second start with the same file is refused.',
    example: '/run/portcullis/portcullis.pid',
  }),
  directoryMode: setting(fileMode, {
    description:
      'Permission bits of the directories that are made for sockets and the pid file; one that is there already stays as it is.',
    default: '0755',
    example: '0750',
  }),
};

export const processGroup = group(
  'As whom Portcullis runs, and the traces that a running one leaves.',
  processMembers,
  refuseOpenDirectory,
);

/** Who may write to a directory may put another socket in the place of ours. */
function refuseOpenDirectory(
  { directoryMode }: GroupValue<typeof processMembers>,
  place: Place,
): void {
  if ((directoryMode & 0o002) === 0) return;
  place
    .child('directoryMode')
    .report(
      `Cannot use 0${directoryMode.toString(8)}: every user of this host could put a socket of their own in the place of ours; expected 0755 or less`,
    );
}
