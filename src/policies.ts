/** Opens what the policies of a configuration need: plugins, their options, CAs and passwords. */

import { availableParallelism } from 'node:os';
import path from 'node:path';
import { PolicyCompiler, ruleNames } from './access/compile.ts';
import { loadPlugins } from './access/plugins.ts';
import type { Configuration } from './config/configuration.ts';
import type { Served } from './content/decide.ts';
import { EntitlementMemory } from './entitlement/entitlement-memory.ts';
import { AttemptLimiter } from './identity/attempt-limiter.ts';
import { openCertificateAuthority } from './identity/certificate-authority.ts';
import { guardPasswords } from './identity/guarded-passwords.ts';
import { openPasswordFile } from './identity/password-file.ts';
import { openUrlVerifier } from './identity/signed-urls/verify.ts';
import { WorkQueue } from './identity/work-queue.ts';
import type { Logger } from './log.ts';
import type { ClientCertificate, Problem } from './model.ts';
import type { Services } from './plugin.ts';

export interface OpenedPolicies {
  readonly distributions: readonly Served[];
  /** The files of the CAs that the policies trust. */
  readonly authorityFiles: readonly string[];
  /** While there is one, none of the distributions may be served. */
  readonly problems: readonly Problem[];
}

/** @param opened gets what has to be closed in the end */
export async function openPolicies(
  configuration: Configuration,
  opened: AsyncDisposableStack,
  log: Logger,
  now: () => Date,
): Promise<OpenedPolicies> {
  const { distributions, plugins: modules, baseDirectory } = configuration;
  const rules = distributions.flatMap(({ access }) =>
    access === undefined ? [] : ruleNames(access),
  );
  const loaded = await loadPlugins(new Set(rules), modules, baseDirectory);
  const authorityFiles = new Set<string>();
  const services = createServices(configuration, log, now, authorityFiles);
  const compiler = opened.use(new PolicyCompiler(loaded.plugins, services));
  const served: Served[] = [];
  for (const { access, relativeUrl, root, listing } of distributions) {
    const policy = access && (await compiler.compile(access));
    served.push({ relativeUrl, root, listing, policy });
  }
  return {
    distributions: served,
    authorityFiles: [...authorityFiles],
    problems: [...loaded.problems, ...compiler.problems],
  };
}

function createServices(
  configuration: Configuration,
  log: Logger,
  now: () => Date,
  authorityFiles: Set<string>,
): (plugin: string) => Services {
  // Hashing shares the thread pool with the file system, which must never have to wait for it (T49).
  const queue = new WorkQueue({
    runningMax: Math.max(1, Math.min(2, availableParallelism() - 1)),
    pendingMax: configuration.access.passwordChecksMax,
  });
  const limiter = new AttemptLimiter();
  const entitlements = new EntitlementMemory();
  return (plugin) => {
    const pluginLog = log.child({ plugin });
    return Object.freeze({
      log: pluginLog,
      now,
      resolvePath: (file: string) => path.resolve(configuration.baseDirectory, file),
      openCertificateAuthority: (file: string) => {
        authorityFiles.add(file);
        return openCertificateAuthority(file, { now, log: pluginLog });
      },
      openPasswordFile: async (file: string) =>
        guardPasswords(await openPasswordFile(file, { queue, log: pluginLog }), limiter),
      openUrlKeys: (file: string) => openUrlVerifier(file, now),
      readEntitlement: (certificate: ClientCertificate) => entitlements.read(certificate),
    });
  };
}
