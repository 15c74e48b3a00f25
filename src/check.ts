/** What a start would meet, found without starting. */

import type { Configuration, PoolConfiguration } from './config/configuration.ts';
import { placeInPool } from './config/pools.ts';
import { writesStore } from './config/store-use.ts';
import { directoryRootProblem, rootProblem } from './content/root-problem.ts';
import { messageOf } from './errors.ts';
import { openNodeApplication } from './listeners/node-application.ts';
import { readTlsIdentity } from './listeners/tls-identity.ts';
import { createLogger, describeLogLine } from './log.ts';
import type { Problem } from './model.ts';
import { openPolicies } from './policies.ts';
import { createControlPlane } from './work/control-plane.ts';
import { missingProgramSentences } from './work/missing-programs.ts';

export interface ConfigurationCheck {
  /** What a start would meet in plugins, options, files and roots. */
  readonly problems: readonly Problem[];
  /** What plugins would log at the start as a warning, and the programs that are missing. */
  readonly warnings: readonly Problem[];
  /** Whether there is a role, or a rule, that needs the store. */
  readonly needsStore: boolean;
}

/** Looks at all that a start would, and opens no listener. */
export async function checkConfiguration(
  configuration: Configuration,
): Promise<ConfigurationCheck> {
  await using opened = new AsyncDisposableStack();
  const warnings: Problem[] = [];
  const log = createLogger({
    level: 'warn',
    write: (line) => warnings.push({ at: '', message: describeLogLine(line) }),
  });
  const controlPlane = opened.use(createControlPlane(configuration, 'read'));
  // What is wrong with the store is a problem of its own: see checkStore().
  const storeLog = createLogger({ level: 'error', write: () => {} });
  const now = (): Date => new Date();
  const parts = { configuration, controlPlane, log, storeLog, now, servesPublished: false };
  const { problems } = await openPolicies(parts, opened);
  const ofPools = configuration.pools.map(async (pool) => [
    ...tlsProblems(pool),
    ...(await applicationProblems(pool, configuration)),
  ]);
  const found = (await Promise.all(ofPools)).flat();
  return {
    problems: [...problems, ...found, ...rootProblems(configuration)],
    warnings: [...warnings, ...(await programWarnings(configuration))],
    needsStore: controlPlane.isAsked || configuration.pools.some(writesStore),
  };
}

/** No start is refused for them: what needs one is refused by its name. */
async function programWarnings(configuration: Configuration): Promise<readonly Problem[]> {
  const sentences = await missingProgramSentences(configuration);
  return sentences.map((message) => ({ at: 'pools', message }));
}

/** Of the files of the TLS listener. */
export function tlsProblems({ name, listen }: PoolConfiguration): readonly Problem[] {
  if (listen.tls === undefined) return [];
  try {
    readTlsIdentity(listen.tls);
    return [];
  } catch (error) {
    return [{ at: placeInPool(name, 'listen.tls'), message: messageOf(error) }];
  }
}

/** Of the modules of a Node application, which are loaded for it. */
async function applicationProblems(
  { name, application }: PoolConfiguration,
  { baseDirectory }: Configuration,
): Promise<readonly Problem[]> {
  if (application === undefined) return [];
  const at = placeInPool(name, 'application');
  const problems: Problem[] = [];
  const onCloseFailed = (error: unknown): void => {
    problems.push({ at, message: `Cannot close the application: ${messageOf(error)}` });
  };
  const opened = await openNodeApplication(application, { baseDirectory, at, onCloseFailed });
  await opened.close();
  return [...opened.problems, ...problems];
}

/** Of the directories that are served. */
export function rootProblems(configuration: Configuration): readonly Problem[] {
  const ofDistributions = configuration.distributions.map(({ root }, index) => ({
    at: `distributions[${index}].root`,
    message: rootProblem(root),
  }));
  const ofDirectories = configuration.repositories.directoryRoots.map((root, index) => ({
    at: `repositories.directoryRoots[${index}]`,
    message: directoryRootProblem(root),
  }));
  return [...ofDistributions, ...ofDirectories].flatMap(({ at, message }) =>
    message === undefined ? [] : [{ at, message }],
  );
}
