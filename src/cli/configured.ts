/** The configuration of a command. */

import type { Configuration } from '../config/configuration.ts';
import { configurationFileOf, processEnvironment } from '../config/environment.ts';
import { type LoadedConfiguration, loadConfiguration } from '../config/load.ts';
import type { Arguments } from './command.ts';
import { ConfigurationProblems, type Locate } from './output.ts';

export interface Configured {
  readonly configuration: Configuration;
  readonly locate: Locate;
}

/** The configuration that the command line names, or its mistakes. */
export async function loadFor({ options, settings }: Arguments): Promise<LoadedConfiguration> {
  const environment = processEnvironment();
  return loadConfiguration({
    file: options.get('config') ?? configurationFileOf(environment),
    environment,
    flags: settings,
  });
}

/** @throws ConfigurationProblems */
export async function requireConfiguration(args: Arguments): Promise<Configured> {
  const loaded = await loadFor(args);
  if ('configuration' in loaded) return loaded;
  throw new ConfigurationProblems(loaded.problems, loaded.locate);
}
