/** `X repo uploads TYPE` for units that are all in the options of the command. */

import { backgroundOption, finishTasks } from '../../background.ts';
import type { Command, Context, Given } from '../../command.ts';
import { repositoryOption } from '../../commands/names.ts';
import { Failure } from '../../failure.ts';
import { type Fields, fieldsOf, textOf } from '../../untrusted.ts';
import type { FamilyUnits, RepositoryFamily } from '../family.ts';
import type { MetadataUpload } from '../unit-upload.ts';
import { pathOf } from './common.ts';

export function uploadMetadataCommand(
  family: RepositoryFamily,
  { typeIds: [typeId = ''], title }: FamilyUnits,
  words: readonly string[],
  upload: MetadataUpload,
): Command {
  const path = pathOf(family, ...words);
  return {
    path,
    summary: `makes a unit of what the options say: ${title}`,
    description: ['It takes the place of one with the same key in the repository.'],
    options: { 'repo-id': repositoryOption, ...upload.options, bg: backgroundOption },
    run: async (context, given) => {
      const { unitKey, unitMetadata } = await upload.read(given, path);
      const unit = { unit_type_id: typeId, unit_key: unitKey, unit_metadata: unitMetadata };
      return uploadUnit(context, given, unit);
    },
  };
}

/** As pulp-admin does: by an upload without bytes. */
async function uploadUnit(
  context: Context,
  given: Given,
  unit: Fields,
): Promise<Failure | undefined> {
  const { call } = context;
  const repository = ['repositories', given.required('repo-id')];
  const there = await call({ method: 'GET', path: repository });
  if (there instanceof Failure) return there;
  const begun = await call({ method: 'POST', path: ['content', 'uploads'], body: {} });
  if (begun instanceof Failure) return begun;
  const id = textOf(fieldsOf(begun.body).upload_id);
  const giveUp = () => call({ method: 'DELETE', path: ['content', 'uploads', id] });
  const answer = await call({
    method: 'POST',
    path: [...repository, 'actions', 'import_upload'],
    body: { upload_id: id, ...unit, override_config: {} },
  });
  if (answer instanceof Failure) {
    await giveUp();
    return answer;
  }
  const failure = await finishTasks(context, given, answer.body, () => 'Successfully uploaded');
  if (!given.has('bg')) await giveUp();
  return failure;
}
