/** The files of the settings: pulp-admin's as they are, and ours beside them. */

import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { type IniEntry, parseIni } from '../../config/ini.ts';
import { nearest } from '../../config/nearest.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { readSmallFile } from '../small-file.ts';
import { type AdminSettings, adminSettings, settingsOf } from './settings.ts';

/** The longest file read, in bytes. */
export const settingsBytesMax = 1024 * 1024;

export interface SettingsFile {
  readonly path: string;
  /** Ours: a key that nobody knows is a slip. Pulp's have keys of which nothing is known here. */
  readonly isOurs: boolean;
  /** A person's: a password in it must be theirs alone. */
  readonly isPersonal: boolean;
  /** Whether it has to be there. */
  readonly isNamed: boolean;
}

/** In the order in which they are read. */
export async function settingsFiles(): Promise<readonly SettingsFile[]> {
  const pulp = '/etc/pulp/admin';
  const parts = await readdir(path.join(pulp, 'conf.d')).catch(() => []);
  const personal = (name: string): string => path.join(homedir(), '.pulp', name);
  const common = { isOurs: false, isPersonal: false, isNamed: false };
  return [
    { ...common, path: path.join(pulp, 'admin.conf') },
    ...parts
      .filter((name) => name.endsWith('.conf'))
      .sort()
      .map((name) => ({ ...common, path: path.join(pulp, 'conf.d', name) })),
    { ...common, path: '/etc/portcullis/admin.conf', isOurs: true },
    { ...common, path: personal('admin.conf'), isPersonal: true },
    { ...common, path: personal('portcullis-admin.conf'), isPersonal: true, isOurs: true },
  ];
}

/** @param named the file of --config, which stands for all the others */
export async function loadSettings(named: string | undefined): Promise<AdminSettings | Failure> {
  if (named === undefined) return readSettingsFiles(await settingsFiles());
  return readSettingsFiles([{ path: named, isOurs: false, isPersonal: true, isNamed: true }]);
}

/** What a later file says counts. */
export async function readSettingsFiles(
  files: readonly SettingsFile[],
): Promise<AdminSettings | Failure> {
  const values = new Map<string, string>();
  for (const file of files) {
    const read = await readSettings(file);
    if (read instanceof Failure) return read;
    for (const [name, value] of read) values.set(name, value);
  }
  return settingsOf(values);
}

async function readSettings(file: SettingsFile): Promise<ReadonlyMap<string, string> | Failure> {
  const read = await readSmallFile(file.path, settingsBytesMax);
  if (read === undefined) {
    return file.isNamed ? refuse(file, undefined, 'there is no such file') : new Map();
  }
  if ('problem' in read) return refuse(file, undefined, read.problem);
  const { entries, oddLines } = parseIni(read.text);
  const [odd] = oddLines;
  if (file.isOurs && odd !== undefined) {
    return refuse(file, odd, 'expected [section], or key: value');
  }
  const values = new Map<string, string>();
  for (const entry of entries) {
    const problem = problemOf(entry, file, read.mode);
    if (problem !== undefined) return refuse(file, entry.line, problem);
    values.set(nameOf(entry), entry.value);
  }
  return values;
}

/** Never tells a value: it may be a password that was given the wrong name. */
function problemOf(entry: IniEntry, file: SettingsFile, mode: number): string | undefined {
  const name = nameOf(entry);
  const declaration = Object.hasOwn(adminSettings, name) ? adminSettings[name] : undefined;
  if (declaration === undefined) return file.isOurs ? unknownKey(name) : undefined;
  // An empty value is none, as `username:` in the file that Pulp ships.
  if (entry.value === '') return undefined;
  if (name === 'auth.password' && file.isPersonal && (mode & 0o077) !== 0) {
    return `the file has a password and others may read it; chmod 600 ${file.path} helps`;
  }
  const isRight = declaration.isRight?.(entry.value) ?? true;
  return isRight ? undefined : `${entry.key} has to be ${declaration.expected}`;
}

function unknownKey(name: string): string {
  const near = nearest(name, Object.keys(adminSettings));
  const shown = JSON.stringify(name);
  return `there is no setting ${shown}${near === undefined ? '' : `; did you mean ${near}`}`;
}

function nameOf({ section, key }: IniEntry): string {
  return `${section}.${key}`;
}

function refuse(file: SettingsFile, line: number | undefined, reason: string): Failure {
  const place = line === undefined ? file.path : `${file.path}:${line}`;
  return new Failure({
    title: 'Configuration Error',
    lines: [`Cannot use ${place}: ${reason}.`],
    exitCode: exitCodes.data,
  });
}
