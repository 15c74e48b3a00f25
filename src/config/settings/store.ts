/** Where the control plane keeps what its API changes. */

import { filePath } from '../kinds/files.ts';
import { mongodbUrl } from '../kinds/stores.ts';
import type { Place } from '../place.ts';
import { type GroupValue, group, optionalSetting, setting } from '../setting.ts';

const members = {
  file: setting(filePath, {
    description:
      'The SQLite database, for all processes of one host; unused where a MongoDB is named. The directory has to belong to the user of Portcullis.',
    default: '/var/lib/portcullis/portcullis.db',
    example: '/var/lib/portcullis/portcullis.db',
  }),
  mongodbUrl: optionalSetting(mongodbUrl, {
    description:
      'The URL of the MongoDB servers, for several hosts, with its password. Best given as the variable, or in a file of its own; it has no flag.',
    example: 'mongodb://portcullis@a.example,b.example/portcullis?replicaSet=rs0&tls=true',
  }),
  mongodbUrlFile: optionalSetting(filePath, {
    description:
      'A file with that URL in one line, which only the user and the group of Portcullis may read. It is read when a worker starts.',
    example: '/etc/portcullis/store-url',
  }),
};

export const storeGroup = group(
  'Where users, roles, sessions, tasks, tokens, policies and the deny-list of certificates are kept, and decisions where audit.inStore says so. It is opened by the roles api and tasks, by rules that name users or roles of it, by workers that keep decisions, and, where this group is written or a pool has one of those roles, by rules that verify certificates; nobody else needs one.',
  members,
  refuseTwoUrls,
);

function refuseTwoUrls(
  { mongodbUrl: url, mongodbUrlFile: file }: GroupValue<typeof members>,
  place: Place,
): void {
  if (url === undefined || file === undefined) return;
  place
    .child('mongodbUrlFile')
    .report('Cannot use it together with store.mongodbUrl: expected one of the two');
}
