/** `X repo create`. */

import type { Command, Context, Given } from '../../command.ts';
import { describingOptions, descriptionOf } from '../../describing.ts';
import { Failure } from '../../failure.ts';
import { fieldsOf } from '../../untrusted.ts';
import { commandOptionsOf, configOf } from '../config-options.ts';
import type { RepositoryFamily } from '../family.ts';
import { accessOf, accessOptions, setAccess } from './access.ts';
import { pathOf } from './common.ts';
import { distributionOf, exporterConfigOf, type Values } from './distribution-config.ts';

export function createCommand(family: RepositoryFamily): Command {
  const { importer, distributor, title } = family;
  const path = pathOf(family, 'create');
  return {
    path,
    summary: 'makes a repository, with all that it takes to fill and publish it',
    description: [
      `${title}. What is published is served at once, and nobody may read it until somebody says who: by --public, --policy, --access or --auth-ca here, or the setting repositories.access of the server.`,
    ],
    options: {
      'repo-id': {
        value: 'ID',
        text: 'The id of the repository: letters, digits, and the characters . - _',
        isRequired: true,
      },
      ...describingOptions,
      ...commandOptionsOf(importer?.options ?? {}),
      ...commandOptionsOf(distributor.options, distributor.required),
      ...accessOptions,
    },
    run: (context, given) => create(family, path, context, given),
  };
}

async function create(
  family: RepositoryFamily,
  path: readonly string[],
  context: Context,
  given: Given,
): Promise<Failure | undefined> {
  const id = given.required('repo-id');
  const access = await accessOf(given, path);
  const importerConfig = await configOf(family.importer?.options ?? {}, given, path);
  const distribution = await distributionOf(family, given, path);
  const url = distribution.relative_url ?? urlOfFeed(importerConfig.feed, id);
  const body = bodyOf(family, importerConfig, { ...distribution, relative_url: url });
  const { notes, ...described } = descriptionOf(given, path);
  const answer = await context.call({
    method: 'POST',
    path: ['repositories'],
    body: {
      id,
      display_name: null,
      description: null,
      ...described,
      notes: { ...fieldsOf(notes), '_repo-type': family.note },
      ...body,
    },
  });
  if (answer instanceof Failure) return answer;
  const failure = access && (await setAccess(context, String(url), access));
  if (failure !== undefined) return failure;
  context.output.done(`Successfully created repository [${id}]`, answer.body);
  return undefined;
}

function bodyOf(
  { importer, distributor, exporter }: RepositoryFamily,
  importerConfig: Values,
  distribution: Values,
) {
  return {
    ...(importer !== undefined && {
      importer_type_id: importer.id,
      importer_config: importerConfig,
    }),
    distributors: [
      {
        distributor_id: distributor.id,
        distributor_type_id: distributor.id,
        auto_publish: distributor.autoPublish,
        distributor_config: { ...distributor.defaults, ...distribution },
      },
      ...(exporter === undefined
        ? []
        : [
            {
              distributor_id: exporter,
              distributor_type_id: exporter,
              auto_publish: false,
              distributor_config: exporterConfigOf({ ...distributor.defaults, ...distribution }),
            },
          ]),
    ],
  };
}

/** The path of the feed, as pulp-admin takes it. */
function urlOfFeed(feed: unknown, id: string): string {
  const [, path = ''] =
    /^https?:\/\/[^/?#]*\/([^?#]*)/i.exec(typeof feed === 'string' ? feed : '') ?? [];
  return path || id;
}
