/** What this start does: the configuration, and where to listen when its port is taken. */

import type { Configuration } from '../../src/config/configuration.ts';
import { processEnvironment } from '../../src/config/environment.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import type { ListenAddress } from '../../src/listen-address.ts';
import { choosePort, isFree, loopback, urlOf } from './ports.ts';

export interface StartPlan {
  readonly configuration: Configuration;
  readonly port: number;
  /** Where somebody listens when all is ready. */
  readonly addresses: readonly ListenAddress[];
  /** For `portcullis serve`. */
  readonly flags: readonly string[];
}

/** @throws Error that lists what is wrong with the file */
export async function planStart(file: string): Promise<StartPlan> {
  const configuration = await load(file, {});
  const port = portOf(configuration);
  if (await isFree(port)) return planAt(configuration, port, {});
  const other = await choosePort();
  const name = configuration.listen.tls === undefined ? 'nginx-listen' : 'listen-tls-address';
  const flags = { [name]: `${loopback}:${other}`, ...originsAt(configuration, other) };
  return planAt(await load(file, flags), other, flags);
}

function planAt(
  configuration: Configuration,
  port: number,
  flags: Readonly<Record<string, string>>,
): StartPlan {
  const listeners = Object.values(configuration.listen).filter((each) => each !== undefined);
  return {
    configuration,
    port,
    addresses: [...listeners.map(({ address }) => address), { type: 'tcp', host: loopback, port }],
    flags: Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
  };
}

async function load(file: string, flags: Readonly<Record<string, string>>): Promise<Configuration> {
  const loaded = await loadConfiguration({ file, environment: processEnvironment(), flags });
  if ('configuration' in loaded) return loaded.configuration;
  const problems = loaded.problems.map(({ at, message }) => `  ${at}: ${message}`);
  throw new Error([`Cannot use ${file}:`, ...problems].join('\n'));
}

/** Where clients come, of what the file says of it. */
function originsAt({ content, api }: Configuration, port: number): Record<string, string> {
  return {
    ...(content.origin !== undefined && { 'content-origin': urlOf(port) }),
    ...(api.links !== undefined && { 'api-links-origin': urlOf(port) }),
  };
}

function portOf({ listen, nginx }: Configuration): number {
  if (listen.tls?.address.type === 'tcp') return listen.tls.address.port;
  const [, port] = /(\d+)$/.exec(nginx.listen[0] ?? '') ?? [];
  return Number(port);
}
