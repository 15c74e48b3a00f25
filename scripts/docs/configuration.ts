/** docs/configuration.md, from the declarations of the settings. */

import { aliasesMax, configurationBytesMax } from '../../src/config/document.ts';
import { workersMax } from '../../src/config/kinds/workers.ts';
import { policyDepthMax, policyNodesMax } from '../../src/config/policy.ts';
import { type Group, Setting } from '../../src/config/setting.ts';
import { allSettings } from '../../src/config/settings/all.ts';
import { distributionGroup, distributionsMax } from '../../src/config/settings/distributions.ts';
import { mountsMax, poolGroup } from '../../src/config/settings/pool.ts';
import { mainPool, poolsMax } from '../../src/config/settings/pools.ts';
import { code, generatedNote, table, yamlLine } from './markdown.ts';

/** @param example a whole configuration file */
export function configurationPage(example: string): string {
  return `# Configuration

${generatedNote}

${introduction(example)}

## Settings

${groupSections('', allSettings).join('\n\n')}

### distributions[]

${distributionGroup.description}

${groupTable('distributions[]', distributionGroup)}

### pools.NAME

${poolGroup.description} Its settings are ${poolSettings}, with the meanings and defaults that they
have at the top level; it has at least one listener. Its name is of at most 32 lower-case letters,
digits and ${code('-')}; ${code(mainPool)} is the pool that the top level describes.

${policySection}

## Limits of the file

${limits()}
`;
}

const poolSettings = Object.keys(poolGroup.members).map(code).join(', ');

function introduction(example: string): string {
  return `The configuration is one file in YAML 1.2 (and so JSON is right too), by default
${code('/etc/portcullis/portcullis.yaml')}. It is read once, when a command starts. Every mistake is
told at once, with its line and column and what would be right; an unknown key is a mistake.
${code('portcullis check')} tells what a start would meet, the plugins' options and the files they
name included.

\`\`\`yaml
${example.trim()}
\`\`\`

A relative path starts at the directory of the configuration file.

## Variables and flags

Every setting but the distributions, the further pools and the mounts of an application can also be
given as an environment variable or a flag. Both names follow from the path of the setting:

${table(
  ['Setting', 'Variable', 'Flag'],
  [
    [
      code('listen.uwsgi.allowedPeers'),
      code('PORTCULLIS_LISTEN_UWSGI_ALLOWED_PEERS'),
      code('--listen-uwsgi-allowed-peers'),
    ],
    [code('log.level'), code('PORTCULLIS_LOG_LEVEL'), code('--log-level')],
  ],
)}

A flag wins over a variable, a variable over the file, and the file over the default. The items of a
list stand between commas. A secret, as ${code('store.mongodbUrl')}, has no flag: every user of a host can
read the command lines of all. An unknown variable that begins with ${code('PORTCULLIS_')} is a mistake,
but for those that Kubernetes and Docker make for a service of that name. ${code('PORTCULLIS_CONFIG')}
names the configuration file.`;
}

const policySection = `## Policies

A policy is a tree. Each node is a mapping of exactly one key:

${table(
  ['Node', 'Allows when'],
  [
    [code('any: [NODE, …]'), 'one of the nodes allows'],
    [code('all: [NODE, …]'), 'every node allows'],
    [code('not: NODE'), 'the node denies'],
    [code('RULE: OPTIONS'), 'the rule of that name does, with these options'],
  ],
)}

A rule without options may stand as its bare name, as ${code('public')}. An empty list is a mistake.
A distribution without ${code('access')} is read by nobody; ${code('public')} has to be written.
[The plugins](plugins.md) say which rules there are and what their options mean.`;

function limits(): string {
  return table(
    ['What', 'At most'],
    [
      ['The file', `${configurationBytesMax} bytes of UTF-8`],
      ['What its aliases repeat', `${aliasesMax} nodes`],
      ['Distributions', String(distributionsMax)],
      ['Pools, the main one included', String(poolsMax)],
      ['Workers of one pool', String(workersMax)],
      ['Mounts of one application', String(mountsMax)],
      ['Depth of a policy', `${policyDepthMax} levels`],
      ['Size of a policy', `${policyNodesMax} nodes`],
    ],
  );
}

function groupSections(path: string, declared: Group): string[] {
  const own = path === '' ? 'Top level' : path;
  const heading = `### ${own}\n\n${declared.description}${declared.optional ? ' Optional.' : ''}`;
  const rows = groupTable(path, declared);
  const groups = Object.entries(declared.members).filter(
    ([, member]) => !(member instanceof Setting),
  );
  return [
    ...(rows === '' ? [heading] : [`${heading}\n\n${rows}`]),
    ...groups.flatMap(([name, member]) => groupSections(join(path, name), member as Group)),
  ];
}

function groupTable(path: string, { members }: Group): string {
  const rows = Object.entries(members).flatMap(([name, member]) =>
    member instanceof Setting ? [settingRow(join(path, name), member)] : [],
  );
  return rows.length === 0
    ? ''
    : table(['Setting', 'Meaning', 'Value', 'Default', 'Example'], rows);
}

function settingRow(path: string, { kind, whenAbsent, texts }: Setting<unknown>): string[] {
  const value = texts.unit === undefined ? kind.expected : `${kind.expected}; ${texts.unit}`;
  const defaults = {
    default: whenAbsent.type === 'default' ? code(yamlLine(whenAbsent.raw)) : '',
    refused: 'required',
    undefined: 'none',
  };
  return [
    code(path),
    texts.description,
    value,
    defaults[whenAbsent.type],
    code(yamlLine(texts.example)),
  ];
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
