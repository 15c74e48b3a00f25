/** The one reader of the process's environment. */

import { configurationFileVariable } from './overrides.ts';

/** Where the configuration is when neither a flag nor a variable says so. */
const defaultConfigurationFile = '/etc/portcullis/portcullis.yaml';

/** The environment variables of this process. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** The configuration file by the variable PORTCULLIS_CONFIG, or the default one. */
export function configurationFileOf(
  environment: Readonly<Record<string, string | undefined>>,
): string {
  return environment[configurationFileVariable] || defaultConfigurationFile;
}
