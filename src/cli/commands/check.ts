/** `portcullis check`. */

import type { Configuration, PoolConfiguration } from '../../config/configuration.ts';
import { configurationWarnings } from '../../config/warnings.ts';
import { workerCount } from '../../config/worker-count.ts';
import { messageOf } from '../../errors.ts';
import { describeAddress, workerAddress } from '../../listen-address.ts';
import type { Problem } from '../../model.ts';
import { describeProblem, printable } from '../../terminal/output.ts';
import type { Command } from '../command.ts';
import { loadFor } from '../configured.ts';
import { exitCodes } from '../exit-codes.ts';
import { checkNginxFile } from '../nginx-check.ts';

export const check: Command = {
  name: 'check',
  summary: 'tells every problem that a start would meet',
  synopsis: '',
  description: [
    'Reads the configuration, loads its plugins, has them check their options and open their files, and looks at the certificate of the TLS listener and at the roots of the distributions. Where a role or a rule needs the store, it opens it for reading, and looks at the CA of sessions; as root, it does so as process.user, or as the owner of the directory of the SQLite database. It tells every problem at once, each with the place where it was written; while the file itself has mistakes, what it names is not looked at. Warnings tell what is allowed and perhaps not meant; they do not change the exit status. At the end it says which pools of workers a start would run: what they serve, how many they are, and where they listen; and for how long nginx may remember decisions, if at all.',
    'It listens nowhere and can run beside the server, from any directory.',
  ],
  options: {
    nginx: {
      value: 'FILE',
      text: 'Compares FILE with what `portcullis nginx-config` writes, but for comments and indentation, and has `nginx -t` look at it where nginx is installed.',
    },
  },
  isConfigured: true,
  words: { min: 0, max: 0 },
  exitStatus: { [exitCodes.ok]: 'No problem.', [exitCodes.refused]: 'There are problems.' },
  examples: [
    { text: 'Before a restart:', line: 'portcullis check && systemctl restart portcullis' },
    {
      text: 'With the front as it is configured now:',
      line: 'portcullis check --nginx /etc/nginx/conf.d/portcullis.conf',
    },
  ],
  run: async (args) => {
    const loaded = await loadFor(args);
    const { problems, warnings } =
      'configuration' in loaded
        ? await findingsIn(loaded.configuration, args.options.get('nginx'))
        : { problems: loaded.problems, warnings: [] };
    const describe = (problem: Problem): string => describeProblem(problem, loaded.locate);
    const lines = [
      ...problems.map(describe),
      ...warnings.map((warning) => `warning: ${describe(warning)}`),
      ...('configuration' in loaded ? describeServed(loaded.configuration) : []),
      summaryOf(problems.length),
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
    return problems.length === 0 ? exitCodes.ok : exitCodes.refused;
  },
};

interface Findings {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

async function findingsIn(
  configuration: Configuration,
  nginxFile: string | undefined,
): Promise<Findings> {
  // Loaded when it is needed: it is most of the program, and a manual needs none of it.
  const { checkConfiguration } = await import('../../check.ts');
  const nginxProblems =
    nginxFile === undefined ? [] : await checkNginxFile(nginxFile, configuration);
  const { problems, warnings, needsStore } = await checkConfiguration(configuration);
  const store = needsStore ? await findingsInStore(configuration) : { problems: [], warnings: [] };
  return {
    problems: [...problems, ...nginxProblems, ...store.problems],
    warnings: [...configurationWarnings(configuration), ...warnings, ...store.warnings],
  };
}

/** The last of all: root is nobody afterwards who could read what is root's. */
async function findingsInStore(configuration: Configuration): Promise<Findings> {
  const { becomeUserOfStore } = await import('../../work/administrator.ts');
  const { checkStore } = await import('../../work/check-store.ts');
  try {
    becomeUserOfStore(configuration);
  } catch (error) {
    return { problems: [{ at: 'process.user', message: messageOf(error) }], warnings: [] };
  }
  return checkStore(configuration);
}

function describeServed({ pools, nginx }: Configuration): readonly string[] {
  const { edgeDecisionSeconds: seconds } = nginx;
  const edge = `nginx may remember for ${seconds} s that a client is let in: a revocation holds as much later (nginx.edgeDecisionSeconds)`;
  return [...pools.map(describePool), ...(seconds === 0 ? [] : [edge])];
}

function describePool({ name, roles, application, workers, listen }: PoolConfiguration): string {
  const count = workerCount(workers);
  const modules = application && [application.module, ...Object.values(application.mounts)];
  const addresses = Object.values(listen).flatMap((listener) => {
    if (listener === undefined) return [];
    const { address, sockets } = listener;
    if (sockets === 'shared') return [describeAddress(address)];
    const [first, last] = [1, count].map((slot) => describeAddress(workerAddress(address, slot)));
    return [count === 1 ? `${first}` : `${first} to ${last}`];
  });
  const parts = [
    (modules ?? roles).join(', '),
    `${count} ${count === 1 ? 'worker' : 'workers'}${workers === 'auto' ? ' (auto)' : ''}`,
    addresses.join(', '),
  ].filter((part) => part !== '');
  return printable(`pool ${name}: ${parts.join('; ')}`);
}

function summaryOf(count: number): string {
  if (count === 0) return 'No problem found.';
  return count === 1 ? 'One problem found.' : `${count} problems found.`;
}
