/** The commands of a type of repositories, in the order of the manual. */

import type { Command } from '../command.ts';
import { clientConfigCommand } from './commands/client-config.ts';
import { createCommand } from './commands/create.ts';
import { deleteCommand } from './commands/delete.ts';
import { listCommand, searchCommand } from './commands/list.ts';
import { publicationsCommand, rollbackCommand } from './commands/publications.ts';
import { publishCommands, syncCommands } from './commands/run.ts';
import { contentCommand, copyCommand, removeCommand } from './commands/units.ts';
import { updateCommand } from './commands/update.ts';
import { uploadFilesCommand } from './commands/upload-files.ts';
import { uploadMetadataCommand } from './commands/upload-metadata.ts';
import { uploadsCommands } from './commands/uploads.ts';
import type { FamilyUnits, RepositoryFamily } from './family.ts';
import { debFamily, directoryFamily, isoFamily } from './other-families.ts';
import { rpmFamily } from './rpm.ts';

export const repositoryFamilies: readonly RepositoryFamily[] = [
  rpmFamily,
  isoFamily,
  debFamily,
  directoryFamily,
];

function commandsOf(family: RepositoryFamily): readonly Command[] {
  const { units } = family;
  return [
    createCommand(family),
    updateCommand(family),
    deleteCommand(family),
    listCommand(family),
    searchCommand(family),
    ...syncCommands(family),
    ...publishCommands(family),
    publicationsCommand(family),
    rollbackCommand(family),
    clientConfigCommand(family),
    ...units.flatMap((one) => uploadCommand(family, one)),
    ...uploadsCommands(family),
    ...units.map((one) => contentCommand(family, one)),
    ...units.map((one) => copyCommand(family, one)),
    ...units.map((one) => removeCommand(family, one)),
  ];
}

function uploadCommand(family: RepositoryFamily, units: FamilyUnits): readonly Command[] {
  const { upload, words } = units;
  if (upload === undefined || words.upload === undefined) return [];
  return upload.kind === 'files'
    ? [uploadFilesCommand(family, units, words.upload, upload)]
    : [uploadMetadataCommand(family, units, words.upload, upload)];
}

export const familyCommands: readonly Command[] = repositoryFamilies.flatMap(commandsOf);
