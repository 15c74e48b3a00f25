/** Where the bytes of repositories lie: artifacts, uploads, publications. */

import path from 'node:path';
import type { StorageConfiguration } from '../configuration.ts';
import { nginxFilePath } from '../kinds/files.ts';
import { wholeNumber } from '../kinds/scalars.ts';
import { type GroupValue, group, optionalSetting, setting } from '../setting.ts';

const secondsMost = 31_536_000;

const members = {
  directory: optionalSetting(nginxFilePath, {
    description:
      'The directory of all of it, on one file system with hard links, which every host that publishes, takes uploads or serves has at the same path. It is made when it is missing. Left out, storage in the directory of store.file.',
    example: '/srv/portcullis',
  }),
  uploadBytesMax: setting(wholeNumber(1, 1_099_511_627_776), {
    description: 'The largest file that can be uploaded.',
    unit: 'bytes',
    default: 107_374_182_400,
    example: 10_737_418_240,
  }),
  uploadExpireSeconds: setting(wholeNumber(60, secondsMost), {
    description: 'How long an upload is kept to which nothing is added.',
    unit: 'seconds',
    default: 604_800,
    example: 86_400,
  }),
  publicationGraceSeconds: setting(wholeNumber(0, secondsMost), {
    description:
      'How long the files of a publication are served after the next one took its place, for clients that read its metadata before.',
    unit: 'seconds',
    default: 86_400,
    example: 3600,
  }),
  publicationsKept: setting(wholeNumber(1, 1000), {
    description:
      'How many publications of a distributor are kept to go back to, with the present one and besides those that are still served.',
    unit: 'publications',
    default: 3,
    example: 10,
  }),
};

export const storageGroup = group(
  'Where the bytes of repositories lie, once each. The front has to be able to read publications/ in it, and nothing else.',
  members,
);

/** The storage lies beside the store, unless it is said to lie elsewhere. */
export function storageBeside(
  written: GroupValue<typeof members>,
  store: { readonly file: string },
): StorageConfiguration {
  return {
    ...written,
    directory: written.directory ?? path.join(path.dirname(store.file), 'storage'),
  };
}
