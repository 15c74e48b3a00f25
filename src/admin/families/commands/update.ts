/** `X repo update`. */

import { backgroundOption, finishTasks } from '../../background.ts';
import type { Command, Context, Given } from '../../command.ts';
import { repositoryOption } from '../../commands/names.ts';
import { describingOptions, descriptionOf } from '../../describing.ts';
import { Failure } from '../../failure.ts';
import { usage } from '../../read-options.ts';
import { fieldsOf, listOf, textOf } from '../../untrusted.ts';
import { commandOptionsOf, configOf } from '../config-options.ts';
import type { RepositoryFamily } from '../family.ts';
import { pathOf } from './common.ts';
import { distributionOf, exporterConfigOf, type Values } from './distribution-config.ts';

export function updateCommand(family: RepositoryFamily): Command {
  const { importer, distributor } = family;
  const path = pathOf(family, 'update');
  return {
    path,
    summary: 'changes a repository',
    description: [
      "What no option names stays as it is. An empty value, as --feed='', takes away what was there. Who may read it is changed by `policy access set`.",
    ],
    options: {
      'repo-id': repositoryOption,
      ...describingOptions,
      ...commandOptionsOf(importer?.options ?? {}),
      ...commandOptionsOf(distributor.options),
      bg: backgroundOption,
    },
    run: (context, given) => update(family, path, context, given),
  };
}

async function update(
  family: RepositoryFamily,
  path: readonly string[],
  context: Context,
  given: Given,
): Promise<Failure | undefined> {
  const id = given.required('repo-id');
  const delta = descriptionOf(given, path);
  const importerConfig = await configOf(family.importer?.options ?? {}, given, path);
  const distribution = await distributionOf(family, given, path);
  const parts = [delta, importerConfig, distribution];
  if (parts.every((part) => Object.keys(part).length === 0)) {
    throw usage(path, 'Cannot update the repository: give what is to be changed');
  }
  const configs = await distributorConfigs(family, id, distribution, context);
  if (configs instanceof Failure) return configs;
  const answer = await context.call({
    method: 'PUT',
    path: ['repositories', id],
    body: { delta, importer_config: importerConfig, distributor_configs: configs },
  });
  if (answer instanceof Failure) return answer;
  const sentence = `Repository [${id}] successfully updated`;
  if (listOf(fieldsOf(answer.body).spawned_tasks).length > 0) {
    return finishTasks(context, given, answer.body, () => sentence);
  }
  context.output.done(sentence, answer.body);
  return undefined;
}

/** The exporter of pulp-admin follows where there is one: of one that is missing the task would fail. */
async function distributorConfigs(
  { distributor, exporter }: RepositoryFamily,
  id: string,
  distribution: Values,
  { call }: Context,
): Promise<Readonly<Record<string, Values>> | Failure> {
  if (Object.keys(distribution).length === 0) return {};
  const own = { [distributor.id]: distribution };
  const exported = exporterConfigOf(distribution);
  if (exporter === undefined || Object.keys(exported).length === 0) return own;
  const answer = await call({ method: 'GET', path: ['repositories', id, 'distributors'] });
  if (answer instanceof Failure) return answer;
  const ids = listOf(answer.body).map((one) => textOf(fieldsOf(one).id));
  return ids.includes(exporter) ? { ...own, [exporter]: exported } : own;
}
