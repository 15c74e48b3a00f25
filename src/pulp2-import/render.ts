/** An import as a configuration file, with what there is to know of it in comments. */

import { printable } from '../terminal/output.ts';
import type { Distribution } from './distributions.ts';
import type { Grant } from './guard.ts';
import type { Note } from './notes.ts';

/** Beside the configuration file. */
export const authorityDirectory = 'pulp2-ca';

export interface Rendered {
  readonly distributions: readonly Distribution[];
  readonly notes: readonly Note[];
  /** With a slash at each end. */
  readonly prefixes: readonly string[];
  /** Of the front, on this host. */
  readonly server: { readonly certificate: string; readonly key: string } | undefined;
}

/** YAML. Texts are written as JSON has them, which YAML reads the same. */
export function renderConfiguration(imported: Rendered): string {
  const { distributions, notes, prefixes, server } = imported;
  const general = notes.filter(({ about }) => about === undefined);
  return [
    '# Written by portcullis import-pulp2 from a Pulp 2 installation. docs/migration.md says more.',
    ...general.map(comment),
    '',
    'listen:',
    '  uwsgi: { handOff: x-accel-redirect }',
    ...(server === undefined
      ? []
      : [
          'nginx:',
          `  certificate: ${JSON.stringify(server.certificate)}`,
          `  key: ${JSON.stringify(server.key)}`,
        ]),
    'content:',
    `  prefixes: ${JSON.stringify(prefixes)}`,
    distributions.length === 0 ? 'distributions: []' : 'distributions:',
    ...distributions.flatMap((each) => renderDistribution(each, notes)),
    '',
  ].join('\n');
}

function renderDistribution(
  { relativeUrl, root, access, isListing }: Distribution,
  notes: readonly Note[],
): readonly string[] {
  const own = isListing
    ? ['# The listing files above the repositories.']
    : notes.filter(({ about }) => about === relativeUrl).map(comment);
  return [
    ...own.map((line) => `  ${line}`),
    `  - relativeUrl: ${JSON.stringify(relativeUrl)}`,
    `    root: ${JSON.stringify(root)}`,
    // Pulp listed the directories of a repository.
    ...(isListing ? [] : ['    listing: true']),
    ...renderAccess(access),
  ];
}

function renderAccess(access: readonly Grant[]): readonly string[] {
  const [first, ...others] = access.map(ruleOf);
  if (first === undefined) return [];
  if (others.length === 0) return [`    access: ${first}`];
  return ['    access:', '      any:', ...[first, ...others].map((rule) => `        - ${rule}`)];
}

function ruleOf(grant: Grant): string {
  if (grant.rule === 'public') return 'public';
  const { name, revocation } = grant.authority;
  const ca = `ca: ${JSON.stringify(`${authorityDirectory}/${name}`)}`;
  if (revocation === undefined) return `{ ${grant.rule}: { ${ca} } }`;
  const { lists, missing } = revocation;
  const crl = `crl: { lists: ${JSON.stringify(lists)}, missing: ${missing} }`;
  return `{ ${grant.rule}: { ${ca}, ${crl} } }`;
}

function comment({ kind, text }: Note): string {
  return `# ${printable(`${kind}: ${text}`).replaceAll('\n', ' ')}`;
}
