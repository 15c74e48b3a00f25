/** The plugins of a process: loaded once, and the built-in ones when a policy first names them. */

import type { AuthorizerPlugin } from '../plugin.ts';
import { type LoadedPlugins, loadPlugins } from './plugins.ts';

export class PluginShelf {
  readonly #baseDirectory: string;
  readonly #plugins = new Map<string, AuthorizerPlugin>();
  /** Modules that are still to be loaded. */
  #modules: readonly string[];
  /** One load after the other, so that no plugin is loaded twice. */
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param modules the setting `plugins`, all of which the first load brings
   * @param baseDirectory where relative paths and the look-up of packages start
   */
  constructor(modules: readonly string[], baseDirectory: string) {
    this.#modules = modules;
    this.#baseDirectory = baseDirectory;
  }

  /** All plugins so far, with those that `rules` name; `problems` are those of this load alone. */
  load(rules: Iterable<string>): Promise<LoadedPlugins> {
    const loading = this.#last.then(() => this.#load([...rules]));
    this.#last = loading.catch(() => {});
    return loading;
  }

  async #load(rules: readonly string[]): Promise<LoadedPlugins> {
    const wanted = new Set(rules.filter((rule) => !this.#plugins.has(rule)));
    if (wanted.size === 0 && this.#modules.length === 0) {
      return { plugins: this.#plugins, problems: [] };
    }
    const modules = this.#modules;
    this.#modules = [];
    const loaded = await loadPlugins(wanted, modules, this.#baseDirectory);
    for (const [name, plugin] of loaded.plugins) this.#plugins.set(name, plugin);
    return { plugins: this.#plugins, problems: loaded.problems };
  }
}
