/** The frozen configuration from file, environment and flags, or every mistake in them at once. */

import path from 'node:path';
import type { Problem } from '../model.ts';
import { treesIn } from './access-trees.ts';
import { addressProblems } from './address-clashes.ts';
import type { Configuration, Listeners } from './configuration.ts';
import { type ConfigurationDocument, parseText, readDocument } from './document.ts';
import { readOverrides } from './overrides.ts';
import { Place } from './place.ts';
import { PolicyNames } from './policy-references.ts';
import { resolvePools } from './pools.ts';
import { ConfigurationProblems } from './problems.ts';
import { isMapping, type Overrides, readGroup } from './setting.ts';
import { allSettings } from './settings/all.ts';
import { besideStore } from './settings/api.ts';
import { uwsgiGroup } from './settings/listen.ts';
import { answersRequests } from './settings/pool.ts';
import { storageBeside } from './settings/storage.ts';

export interface ConfigurationSources {
  /** The configuration file, YAML or JSON. */
  readonly file?: string | undefined;
  /** What stands in the file: it is not read again then. */
  readonly text?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** By name without dashes, as `listen-uwsgi-address`. */
  readonly flags: Readonly<Record<string, string>>;
  /** Where a relative path of the file starts, and what is relative without a file. */
  readonly workingDirectory?: string;
}

/**
 * All that a configuration was made from. {@link loadConfiguration} makes the same one of it in
 * another process and directory, whatever became of the file, and tells the same places. Plain
 * data; it may hold secrets, as the file may.
 */
export interface ConfigurationSnapshot extends ConfigurationSources {
  /** Settings alone: no variable that has nothing to do with Portcullis. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
}

interface Located {
  /** Where what stands at a path was written: a flag, a variable, or `FILE:LINE:COLUMN`. */
  locate(at: string): string | undefined;
}

export interface RightConfiguration extends Located {
  readonly configuration: Configuration;
  readonly snapshot: ConfigurationSnapshot;
}

export type LoadedConfiguration =
  | RightConfiguration
  | (Located & { readonly problems: readonly Problem[] });

/** Flags win over variables, variables over the file, the file over defaults. */
export async function loadConfiguration(
  sources: ConfigurationSources,
): Promise<LoadedConfiguration> {
  const { environment, flags, workingDirectory = process.cwd() } = sources;
  const file =
    sources.file === undefined ? undefined : path.resolve(workingDirectory, sources.file);
  const document = await documentOf(file, sources.text);
  const { overrides, problems, variables, originOf } = readOverrides(environment, flags);
  const locate = (at: string): string | undefined => originOf(at) ?? document.locate(at);
  const baseDirectory = file === undefined ? workingDirectory : path.dirname(file);
  const found: Problem[] = [...document.problems, ...problems];
  const place = new Place('', baseDirectory, found);
  const settings =
    document.value === undefined ? undefined : readSettings(document.value, place, overrides);
  if (settings !== undefined) {
    found.push(
      ...addressProblems(settings.pools, settings.monitor),
      ...referenceProblems(settings),
    );
  }
  if (settings === undefined || found.length > 0) return { problems: found, locate };
  const { text } = document;
  return {
    configuration: deepFreeze({ file, baseDirectory, ...settings }),
    snapshot: { file, text, environment: variables, flags, workingDirectory },
    locate,
  };
}

function documentOf(
  file: string | undefined,
  text: string | undefined,
): Document | Promise<Document> {
  if (file === undefined) return emptyDocument;
  return text === undefined ? readDocument(file) : parseText(file, text);
}

type Document = Omit<ConfigurationDocument, 'locate'> & Located;

/** @throws ConfigurationProblems, each with its place */
export function requireRight(loaded: LoadedConfiguration): RightConfiguration {
  if ('configuration' in loaded) return loaded;
  throw new ConfigurationProblems(loaded.problems, loaded.locate);
}

const emptyDocument: Document = {
  text: undefined,
  value: {},
  problems: [],
  locate: () => undefined,
};

type Settings = Omit<Configuration, 'file' | 'baseDirectory'>;

/** Of the policies that refer to others. */
function referenceProblems({
  policies,
  distributions,
  repositories,
}: Settings): readonly Problem[] {
  const names = new PolicyNames(new Map(policies.map(({ name, access }) => [name, access])));
  const usual = repositories.access === undefined ? [] : [repositories.access];
  const trees = [...distributions.flatMap(treesIn), ...usual];
  const ofNamed = policies.flatMap(({ name, access }) => names.problemOfNamed(name, access) ?? []);
  // What is wrong with a name is told at the name, and not at each that refers to it.
  return ofNamed.length > 0 ? ofNamed : trees.flatMap((tree) => names.problemOf(tree) ?? []);
}

/** Where requests are answered and there is no listener, the default uwsgi one stands in. */
function readSettings(raw: unknown, place: Place, overrides: Overrides): Settings | undefined {
  const written = readGroup(allSettings, raw, place, overrides);
  if (written === undefined) return undefined;
  const listen = answersRequests(written)
    ? withListener(written.listen, place.child('listen'), overrides)
    : written.listen;
  if (listen === undefined) return undefined;
  const { workers, roles, application, pools: further, ...settings } = written;
  const pools = resolvePools({ workers, roles, application, listen }, further);
  const store = { ...settings.store, isNamed: isNamed('store', raw, overrides) };
  const api = besideStore(settings.api, store);
  const storage = storageBeside(settings.storage, store);
  return { ...settings, store, storage, api, listen, pools };
}

/** Whether the file, a variable or a flag has something of `name`. */
function isNamed(name: string, raw: unknown, overrides: Overrides): boolean {
  if (isMapping(raw) && Object.hasOwn(raw, name)) return true;
  return overrides.keys().some((path) => path.startsWith(`${name}.`));
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
