/** A settings file of Pulp 2, and what its values have to be. */

import { type IniEntry, parseIni } from '../config/ini.ts';
import { show } from '../config/place.ts';
import { PortcullisError } from '../errors.ts';
import type { Installation } from './installation.ts';
import type { Notes } from './notes.ts';

/** The longest file of settings, in bytes. */
export const settingsBytesMax = 1024 * 1024;

export class IniSettings {
  readonly #file: string;
  readonly #entries: readonly IniEntry[];
  readonly #asked = new Set<string>();

  private constructor(file: string, entries: readonly IniEntry[]) {
    this.#file = file;
    this.#entries = entries;
  }

  /**
   * @returns undefined when there is no such file
   * @throws PortcullisError FILE_UNREADABLE when it cannot be read, or has a line that is no setting
   */
  static async read(installation: Installation, file: string): Promise<IniSettings | undefined> {
    const text = await installation.readText(file, settingsBytesMax);
    if (text === undefined) return undefined;
    const shown = installation.onHost(file);
    const { entries, oddLines } = parseIni(text);
    if (oddLines.length === 0) return new IniSettings(shown, entries);
    throw new PortcullisError(
      'FILE_UNREADABLE',
      `Cannot use ${shown}:${oddLines[0]}: it is neither a [section] nor a setting, as name: value`,
    );
  }

  /** The last value, as Python has it; undefined when it is not set, or empty. */
  text(section: string, key: string): string | undefined {
    return this.#find(section, key)?.value || undefined;
  }

  /** @throws PortcullisError FILE_UNREADABLE for what Python takes for no truth value */
  boolean(section: string, key: string): boolean | undefined {
    const entry = this.#find(section, key);
    const value = entry?.value.toLowerCase();
    if (value === undefined) return undefined;
    if (['1', 'yes', 'true', 'on'].includes(value)) return true;
    if (['0', 'no', 'false', 'off'].includes(value)) return false;
    throw this.#refuse(entry, 'true or false');
  }

  /** @throws PortcullisError FILE_UNREADABLE for what is no whole number above zero */
  count(section: string, key: string): number | undefined {
    const entry = this.#find(section, key);
    if (entry === undefined) return undefined;
    if (/^[1-9]\d{0,8}$/.test(entry.value)) return Number(entry.value);
    throw this.#refuse(entry, 'a whole number above 0');
  }

  /** An absolute path. */
  path(section: string, key: string): string | undefined {
    const entry = this.#find(section, key);
    if (entry === undefined || entry.value === '') return undefined;
    if (entry.value.startsWith('/') && !entry.value.includes('\n')) return entry.value;
    throw this.#refuse(entry, 'an absolute path');
  }

  /** What is in the file and nobody has asked for. */
  noteUnknown(notes: Notes): void {
    for (const { section, key, line } of this.#entries) {
      if (this.#asked.has(`${section}.${key}`)) continue;
      const place = `${this.#file}:${line}`;
      notes.add('not carried over', `${place}: ${show(`[${section}] ${key}`)} is not known here`);
    }
  }

  #find(section: string, key: string): IniEntry | undefined {
    this.#asked.add(`${section}.${key}`);
    return this.#entries.findLast((entry) => entry.section === section && entry.key === key);
  }

  #refuse(entry: IniEntry | undefined, expected: string): PortcullisError {
    return new PortcullisError(
      'FILE_UNREADABLE',
      `Cannot use ${this.#file}:${entry?.line}: [${entry?.section}] ${entry?.key} is ${show(entry?.value)}, expected ${expected}`,
    );
  }
}
