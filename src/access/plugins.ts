/**
 * Loads authorization plugins: from `auth-plugins/`, from npm packages and from paths.
 *
 * A plugin that cannot be loaded is a problem that stops the start. It is never skipped: which rules
 * exist decides who gets in (T60).
 */

import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { messageOf, systemCodeOf } from '../errors.ts';
import type { Problem } from '../model.ts';
import type { AuthorizerPlugin } from '../plugin.ts';

/** How long a plugin may take to load, and to open what it needs, in seconds. */
export const pluginStartSecondsMax = 10;

/** How long an authorizer may take to close, in seconds. */
export const pluginStopSecondsMax = 2;

export interface LoadedPlugins {
  readonly plugins: ReadonlyMap<string, AuthorizerPlugin>;
  readonly problems: readonly Problem[];
}

const builtInDirectory = fileURLToPath(new URL('../../auth-plugins/', import.meta.url));
const pluginName = /^[a-z][a-z0-9-]*$/;

/**
 * @param rules the names that policies use: of the built-in plugins only these are loaded
 * @param modules the setting `plugins`: npm packages or paths, all of which are loaded
 * @param baseDirectory where relative paths and the look-up of packages start
 */
export async function loadPlugins(
  rules: ReadonlySet<string>,
  modules: readonly string[],
  baseDirectory: string,
): Promise<LoadedPlugins> {
  const plugins = new Map<string, AuthorizerPlugin>();
  const problems: Problem[] = [];
  const add = async (at: string, load: () => Promise<AuthorizerPlugin>): Promise<void> => {
    try {
      const plugin = await withinStartLimit(load());
      if (plugins.has(plugin.name))
        throw new Error(`a plugin named "${plugin.name}" is there already`);
      plugins.set(plugin.name, plugin);
    } catch (error) {
      problems.push({ at, message: `Cannot load the plugin: ${messageOf(error)}` });
    }
  };
  const builtIn = builtInPluginNames();
  for (const name of builtIn) {
    if (rules.has(name)) await add(`auth-plugins/${name}`, () => loadBuiltIn(name));
  }
  for (const [index, specifier] of modules.entries()) {
    await add(`plugins[${index}]`, () => loadModule(specifier, baseDirectory, builtIn));
  }
  return { plugins, problems };
}

/** The names of the plugins that come with Portcullis. */
export function builtInPluginNames(): readonly string[] {
  return readdirSync(builtInDirectory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && pluginName.test(entry.name))
    .map((entry) => entry.name)
    .sort();
}

/** Rejects when `work` takes longer than {@link pluginStartSecondsMax}. */
export function withinStartLimit<T>(work: Promise<T>): Promise<T> {
  return within(pluginStartSecondsMax, work, 'ready');
}

/** Rejects when `work` takes longer than {@link pluginStopSecondsMax}. */
export function withinStopLimit<T>(work: Promise<T>): Promise<T> {
  return within(pluginStopSecondsMax, work, 'closed');
}

/** Rejects when `work` takes longer than `seconds`; `end` is what it was not by then. */
export async function within<T>(seconds: number, work: Promise<T>, end: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(new Error(`it was not ${end} within ${seconds} s`));
  const timer = setTimeout(giveUp, seconds * 1000);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function loadBuiltIn(name: string): Promise<AuthorizerPlugin> {
  const plugin = await importPlugin(path.join(builtInDirectory, name, 'index.ts'));
  if (plugin.name !== name) throw new Error(`it calls itself "${plugin.name}"`);
  return plugin;
}

async function loadModule(
  specifier: string,
  baseDirectory: string,
  builtIn: readonly string[],
): Promise<AuthorizerPlugin> {
  const plugin = await importPlugin(resolveModule(specifier, baseDirectory));
  if (builtIn.includes(plugin.name)) {
    throw new Error(`"${plugin.name}" is the name of a plugin that comes with Portcullis`);
  }
  return plugin;
}

function resolveModule(specifier: string, baseDirectory: string): string {
  if (/^\.{0,2}\//.test(specifier)) {
    const file = path.resolve(baseDirectory, specifier);
    if (!existsSync(file)) throw new Error(`there is no file ${file}`);
    return file;
  }
  try {
    return createRequire(path.join(baseDirectory, 'portcullis.yaml')).resolve(specifier);
  } catch {
    return resolveBesidePortcullis(specifier, baseDirectory);
  }
}

function resolveBesidePortcullis(specifier: string, baseDirectory: string): string {
  try {
    return createRequire(import.meta.url).resolve(specifier);
  } catch (error) {
    if (systemCodeOf(error) !== 'MODULE_NOT_FOUND') throw error;
    throw new Error(
      `there is no package "${specifier}"; install it with npm in ${baseDirectory} or beside Portcullis`,
    );
  }
}

async function importPlugin(file: string): Promise<AuthorizerPlugin> {
  const module: { readonly plugin?: unknown } = await import(pathToFileURL(file).href);
  return checkPlugin(module.plugin);
}

function checkPlugin(value: unknown): AuthorizerPlugin {
  if (typeof value !== 'object' || value === null) {
    throw new Error('its module has no export named `plugin`');
  }
  const plugin = value as Readonly<Record<keyof AuthorizerPlugin, unknown>>;
  if (plugin.apiVersion !== 1) throw new Error('its apiVersion is not 1');
  if (typeof plugin.name !== 'string' || !pluginName.test(plugin.name)) {
    throw new Error('its name is not of lower-case letters, digits and "-"');
  }
  if (['any', 'all', 'not', 'policy'].includes(plugin.name)) {
    throw new Error(`its name is "${plugin.name}", which combines rules`);
  }
  for (const part of ['parseOptions', 'create'] as const) {
    if (typeof plugin[part] !== 'function') throw new Error(`it has no function ${part}`);
  }
  if (!['function', 'undefined'].includes(typeof plugin.parseStoredOptions)) {
    throw new Error('its parseStoredOptions is no function');
  }
  return value as AuthorizerPlugin;
}
