/** The frozen configuration from file, environment and flags, or every mistake in them at once. */

import path from 'node:path';
import type { Problem } from '../model.ts';
import { addressProblems } from './address-clashes.ts';
import type { Configuration, Listeners } from './configuration.ts';
import { type ConfigurationDocument, readDocument } from './document.ts';
import { readOverrides } from './overrides.ts';
import { Place } from './place.ts';
import { resolvePools } from './pools.ts';
import { type Overrides, readGroup } from './setting.ts';
import { allSettings } from './settings/all.ts';
import { uwsgiGroup } from './settings/listen.ts';

export interface ConfigurationSources {
  /** The configuration file, YAML or JSON; a relative path starts at the working directory. */
  readonly file?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** By name without dashes, as `listen-uwsgi-address`. */
  readonly flags: Readonly<Record<string, string>>;
}

interface Located {
  /** Where what stands at a path was written: a flag, a variable, or `FILE:LINE:COLUMN`. */
  locate(at: string): string | undefined;
}

export type LoadedConfiguration = Located &
  ({ readonly configuration: Configuration } | { readonly problems: readonly Problem[] });

/** Flags win over variables, variables over the file, the file over defaults. */
export async function loadConfiguration(
  sources: ConfigurationSources,
): Promise<LoadedConfiguration> {
  const file = sources.file === undefined ? undefined : path.resolve(sources.file);
  const document = file === undefined ? emptyDocument : await readDocument(file);
  const { overrides, problems, originOf } = readOverrides(sources.environment, sources.flags);
  const locate = (at: string): string | undefined =>
    originOf(at) ?? (file === undefined ? undefined : document.locate(at));
  const baseDirectory = file === undefined ? process.cwd() : path.dirname(file);
  const found: Problem[] = [...document.problems, ...problems];
  const place = new Place('', baseDirectory, found);
  const settings =
    document.value === undefined ? undefined : readSettings(document.value, place, overrides);
  if (settings !== undefined) found.push(...addressProblems(settings.pools, settings.monitor));
  if (settings === undefined || found.length > 0) return { problems: found, locate };
  return { configuration: deepFreeze({ file, baseDirectory, ...settings }), locate };
}

const emptyDocument: Pick<ConfigurationDocument, 'value' | 'problems'> & Located = {
  value: {},
  problems: [],
  locate: () => undefined,
};

type Settings = Omit<Configuration, 'file' | 'baseDirectory'>;

/** Without a listener the default uwsgi one stands in. */
function readSettings(raw: unknown, place: Place, overrides: Overrides): Settings | undefined {
  const written = readGroup(allSettings, raw, place, overrides);
  if (written === undefined) return undefined;
  const listen = withListener(written.listen, place.child('listen'), overrides);
  if (listen === undefined) return undefined;
  const { workers, roles, application, pools: further, ...settings } = written;
  const pools = resolvePools({ workers, roles, application, listen }, further);
  return { ...settings, listen, pools };
}

function withListener(
  listen: Listeners,
  place: Place,
  overrides: Overrides,
): Listeners | undefined {
  if (Object.values(listen).some((listener) => listener !== undefined)) return listen;
  const uwsgi = readGroup(uwsgiGroup, {}, place.child('uwsgi'), overrides);
  return uwsgi && { ...listen, uwsgi };
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}
