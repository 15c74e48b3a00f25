/** The configuration of a command. */

import { configurationFileOf, processEnvironment } from '../config/environment.ts';
import {
  type LoadedConfiguration,
  loadConfiguration,
  type RightConfiguration,
} from '../config/load.ts';
import { ConfigurationProblems } from '../config/problems.ts';
import type { Arguments } from './command.ts';

/** The configuration that the command line names, or its mistakes. */
export async function loadFor({ options, settings }: Arguments): Promise<LoadedConfiguration> {
  const environment = processEnvironment();
  return loadConfiguration({
    file: options.get('config') ?? configurationFileOf(environment),
    environment,
    flags: settings,
  });
}

/** @throws ConfigurationProblems, each with its place */
export async function requireConfiguration(args: Arguments): Promise<RightConfiguration> {
  const loaded = await loadFor(args);
  if ('configuration' in loaded) return loaded;
  throw new ConfigurationProblems(loaded.problems, loaded.locate);
}

export { withPlaces } from '../config/problems.ts';
