/** The configuration of a command. */

import type { Configuration } from '../config/configuration.ts';
import { configurationFileOf, processEnvironment } from '../config/environment.ts';
import { type LoadedConfiguration, loadConfiguration } from '../config/load.ts';
import { ConfigurationProblems, type Locate } from '../config/problems.ts';
import type { Arguments } from './command.ts';

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

/** @throws ConfigurationProblems, each with its place */
export async function requireConfiguration(args: Arguments): Promise<Configured> {
  const loaded = await loadFor(args);
  if ('configuration' in loaded) return loaded;
  throw new ConfigurationProblems(loaded.problems, loaded.locate);
}

/** Adds the places to the problems that `work` finds behind a right configuration. */
export async function withPlaces<T>(locate: Locate, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ConfigurationProblems)) throw error;
    throw new ConfigurationProblems(error.problems, locate);
  }
}
