/** The configuration of a command. */

import { configurationFileOf, processEnvironment } from '../config/environment.ts';
import {
  type LoadedConfiguration,
  loadConfiguration,
  type RightConfiguration,
  requireRight,
} from '../config/load.ts';
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
  return requireRight(await loadFor(args));
}
