/** `X repo uploads TYPE` for units that are files. */

import path from 'node:path';
import { backgroundOption } from '../../background.ts';
import type { Command, Context, Given } from '../../command.ts';
import { repositoryOption } from '../../commands/names.ts';
import { Failure } from '../../failure.ts';
import { usage } from '../../read-options.ts';
import { type ChosenFile, chooseFiles, digestOf } from '../../uploads/chosen-files.ts';
import { tellOutcomes, type UploadOutcome, uploadAll } from '../../uploads/upload-all.ts';
import { type PlannedUnit, Uploader } from '../../uploads/uploader.ts';
import type { FamilyUnits, RepositoryFamily } from '../family.ts';
import type { FileUpload } from '../unit-upload.ts';
import { pathOf } from './common.ts';
import { presentOf } from './present-units.ts';

export interface PlannedFile {
  readonly chosen: ChosenFile;
  readonly unit: PlannedUnit;
  /** Where it was needed. */
  readonly sha256: string | undefined;
}

export function uploadFilesCommand(
  family: RepositoryFamily,
  { typeIds: [typeId = ''], title }: FamilyUnits,
  words: readonly string[],
  upload: FileUpload,
): Command {
  const to = pathOf(family, ...words);
  const which = upload.suffix === '' ? '' : ` that ends with ${upload.suffix}`;
  return {
    path: to,
    summary: `uploads files into a repository: ${title}`,
    description: [
      'Files are sent in pieces. What was broken off is gone on with by `uploads resume`, also after this host was started anew; a connection that breaks is tried again at once.',
      'The same file may be uploaded again: the repository has it once.',
    ],
    options: {
      'repo-id': repositoryOption,
      file: {
        value: 'FILE',
        short: 'f',
        text: 'A file; can be given more than once.',
        isRepeatable: true,
      },
      dir: {
        value: 'DIR',
        short: 'd',
        text: `Every file${which} in this directory, and not in those below it; can be given more than once.`,
        isRepeatable: true,
      },
      'skip-existing': { text: 'Leaves out what the repository has already, by its SHA-256.' },
      ...upload.options,
      bg: backgroundOption,
    },
    run: (context, given) => uploadFiles(context, given, { path: to, typeId, upload }),
  };
}

interface Target {
  readonly path: readonly string[];
  readonly typeId: string;
  readonly upload: FileUpload;
}

async function uploadFiles(
  context: Context,
  given: Given,
  target: Target,
): Promise<Failure | undefined> {
  const [files, directories] = [given.all('file'), given.all('dir')];
  if (files.length === 0 && directories.length === 0) {
    throw usage(target.path, 'Cannot upload: give --file or --dir');
  }
  const chosen = await chooseFiles(files, directories, target.upload.suffix);
  if (chosen instanceof Failure) return chosen;
  const path = ['repositories', given.required('repo-id')];
  const repository = await context.call({ method: 'GET', path });
  if (repository instanceof Failure) return repository;
  const uploader = new Uploader(context);
  const planned = await planAll(uploader, chosen, given, target);
  if (planned instanceof Failure) return planned;
  const present = given.has('skip-existing') ? await presentOf(context, planned) : new Set();
  if (present instanceof Failure) return present;
  const wanted = planned.filter((one) => !present.has(one));
  if (wanted.length === 0) context.output.remark('No files eligible for upload');
  const isWaiting = !given.has('bg');
  const outcomes = await uploadAll(
    uploader,
    wanted.map(({ chosen: one, unit }) => ({
      file: one.file,
      begin: () => uploader.begin(one, unit),
    })),
    { isWaiting },
  );
  const skipped = planned.filter((one) => present.has(one)).map(skippedOutcome);
  return tellOutcomes(context, [...skipped, ...outcomes], planned.length);
}

function skippedOutcome({ chosen: { file } }: PlannedFile): UploadOutcome {
  return { file, state: 'present', upload_id: null, tasks: [] };
}

async function planAll(
  uploader: Uploader,
  chosen: readonly ChosenFile[],
  given: Given,
  { typeId, upload }: Target,
): Promise<readonly PlannedFile[] | Failure> {
  const { unitKey = {}, unitMetadata = {} } = upload.describe?.(given) ?? {};
  const repository = given.required('repo-id');
  const needsDigest = upload.isNamed === true || given.has('skip-existing');
  const planned: PlannedFile[] = [];
  for (const one of chosen) {
    const read = (bytes: number): void => uploader.show('Reading', one, bytes);
    const sha256 = needsDigest ? await digestOf(one, read) : undefined;
    if (needsDigest) uploader.endShow();
    if (sha256 instanceof Failure) return sha256;
    const named = upload.isNamed && {
      ...{ name: path.basename(one.file), size: one.size, checksum: sha256 },
    };
    const unit = { repository, typeId, unitKey: { ...unitKey, ...named }, unitMetadata };
    planned.push({ chosen: one, unit, sha256 });
  }
  return planned;
}
