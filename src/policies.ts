/** Opens what the policies of a configuration need: plugins, their options, and what rules ask. */

import { PolicyCompiler, ruleNames } from './access/compile.ts';
import { loadPlugins } from './access/plugins.ts';
import type { Configuration } from './config/configuration.ts';
import type { Served } from './content/decide.ts';
import type { Logger } from './log.ts';
import type { Problem } from './model.ts';
import { RevocationLists } from './revocation/revocation-lists.ts';
import { ContentDirectory } from './work/content-directory.ts';
import { createContentServices } from './work/content-services.ts';
import type { ControlPlane } from './work/control-plane.ts';

export interface OpenedPolicies {
  readonly distributions: readonly Served[];
  /** The files of the CAs that the policies trust. */
  readonly authorityFiles: readonly string[];
  readonly revocation: RevocationLists;
  /** While there is one, none of the distributions may be served. */
  readonly problems: readonly Problem[];
}

export interface PolicyParts {
  readonly configuration: Configuration;
  readonly controlPlane: ControlPlane;
  readonly log: Logger;
  /** Of the store that rules ask; `log` unless given. */
  readonly storeLog?: Logger;
  readonly now: () => Date;
}

/** @param opened gets what has to be closed in the end */
export async function openPolicies(
  parts: PolicyParts,
  opened: AsyncDisposableStack,
): Promise<OpenedPolicies> {
  const { configuration } = parts;
  const { distributions, plugins: modules, baseDirectory } = configuration;
  const rules = distributions.flatMap(({ access }) =>
    access === undefined ? [] : ruleNames(access),
  );
  const loaded = await loadPlugins(new Set(rules), modules, baseDirectory);
  const authorityFiles = new Set<string>();
  const directory = new ContentDirectory({ ...parts, log: parts.storeLog ?? parts.log, opened });
  const revocation = opened.use(new RevocationLists(parts));
  const services = createContentServices({ ...parts, directory, revocation, authorityFiles });
  const compiler = opened.use(new PolicyCompiler(loaded.plugins, services));
  const served: Served[] = [];
  for (const { access, relativeUrl, root, listing } of distributions) {
    const policy = access && (await compiler.compile(access));
    served.push({ relativeUrl, root, listing, policy });
  }
  return {
    distributions: served,
    authorityFiles: [...authorityFiles],
    revocation,
    problems: [...loaded.problems, ...compiler.problems],
  };
}
