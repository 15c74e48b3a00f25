/** The import table of ARCHITECTURE.md: which part of the tree may import which. */

import type { SourceFile } from './source-tree.ts';

/** Each row imports from the rows above it, and each part from itself; parts of a row are strangers. */
const importTable: readonly (readonly Part[])[] = [
  [
    {
      name: 'foundations',
      paths: [
        'src/api-error.ts',
        'src/errors.ts',
        'src/keep-newest.ts',
        'src/listen-address.ts',
        'src/log.ts',
        'src/log-destination.ts',
        'src/log-sinks.ts',
        'src/model.ts',
        'src/pem.ts',
        'src/plugin.ts',
        'src/plugin-authority.ts',
        'src/plugin-consumers.ts',
        'src/plugin-entitlement.ts',
        'src/plugin-http.ts',
        'src/plugin-ocsp.ts',
        'src/plugin-options.ts',
        'src/plugin-revocation.ts',
        'src/plugin-rule.ts',
        'src/plugin-services.ts',
        'src/plugin-signed-urls.ts',
        'src/plugin-tokens.ts',
        'src/token-form.ts',
      ],
    },
  ],
  [
    folder('src/uwsgi/'),
    folder('src/http/'),
    folder('src/outbound/'),
    folder('src/workers/'),
    folder('src/metrics/'),
    folder('src/config/'),
  ],
  [
    folder('src/front/'),
    folder('src/identity/'),
    folder('src/access/'),
    folder('src/stores/'),
    folder('src/emperor/'),
    folder('src/storage/'),
    folder('src/terminal/'),
  ],
  [
    folder('src/people/'),
    folder('src/policies/'),
    folder('src/tasks/'),
    folder('src/audit/'),
    folder('src/entitlement/'),
    folder('src/revocation/'),
    folder('src/tokens/'),
    folder('src/repositories/'),
    folder('src/consumers/'),
  ],
  [folder('src/repository-types/')],
  [folder('src/sync/')],
  [folder('src/repository-tasks/')],
  [
    folder('src/content/'),
    folder('src/listeners/'),
    folder('src/api/'),
    folder('src/pulp2-import/'),
  ],
  [
    {
      name: 'application',
      paths: [
        'src/application.ts',
        'src/check.ts',
        'src/explainer.ts',
        'src/instance/',
        'src/policies.ts',
        'src/work/',
        'src/worker.ts',
        'src/worker-watchdog.ts',
      ],
    },
  ],
  // Two programs.
  [folder('src/cli/'), folder('src/admin/')],
];

/** All that an authorization plugin may import of Portcullis. */
const pluginApi = 'portcullis/plugin';

interface Part {
  readonly name: string;
  /** Files, and folders with their closing slash. */
  readonly paths: readonly string[];
}

/** One sentence for each import that the table does not allow, and for each file that it misses. */
export function importOffences(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) =>
    file.path.startsWith('auth-plugins/') ? pluginOffences(file) : tableOffences(file),
  );
}

function tableOffences(file: SourceFile): readonly string[] {
  const from = place(file.path);
  if (from === undefined) return [`${file.path} is in no part of the import table`];
  return file.imports.flatMap(({ target }) => {
    if (target === undefined || !isRepositoryPath(target)) return [];
    const to = place(target);
    const isAllowed = to !== undefined && (to.row < from.row || to.part === from.part);
    return isAllowed ? [] : [`${file.path} imports ${target}`];
  });
}

function pluginOffences(file: SourceFile): readonly string[] {
  const own = file.path.split('/', 2).join('/');
  return file.imports.flatMap(({ target }) => {
    const isAllowed =
      target === pluginApi ||
      target?.startsWith(`${own}/`) ||
      (target !== undefined && !isRepositoryPath(target) && !target.startsWith('portcullis'));
    return isAllowed ? [] : [`${file.path} imports ${target ?? 'a computed name'}`];
  });
}

function isRepositoryPath(target: string): boolean {
  return (
    target.startsWith('..') || /^(?:src|auth-plugins|test|bench|deploy|scripts)\//.test(target)
  );
}

function place(file: string): { readonly row: number; readonly part: Part } | undefined {
  for (const [row, parts] of importTable.entries()) {
    const part = parts.find(({ paths }) =>
      paths.some((prefix) => (prefix.endsWith('/') ? file.startsWith(prefix) : file === prefix)),
    );
    if (part !== undefined) return { row, part };
  }
  return undefined;
}

function folder(prefix: string): Part {
  return { name: prefix, paths: [prefix] };
}
