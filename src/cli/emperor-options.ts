/** The options of `portcullis emperor`. */

import path from 'node:path';
import type { Kind } from '../config/kind.ts';
import { listenAddress } from '../config/kinds/network.ts';
import { decimal, wholeNumber } from '../config/kinds/scalars.ts';
import { Place } from '../config/place.ts';
import {
  defaultEmperorSettings,
  type EmperorSetting,
  type EmperorSettings,
  emperorSettingMax,
  emperorSettings,
  isCount,
} from '../emperor/settings.ts';
import type { ListenAddress } from '../listen-address.ts';
import type { Problem } from '../model.ts';
import { usage } from './arguments.ts';
import type { Arguments, Command, CommandOption } from './command.ts';

export interface EmperorOptions {
  /** Absolute. */
  readonly directory: string;
  readonly isTyrant: boolean;
  readonly pidFile: string | undefined;
  readonly stats: ListenAddress | undefined;
  readonly settings: EmperorSettings;
}

const settingNames = Object.keys(emperorSettings) as EmperorSetting[];

export const emperorOptions: Readonly<Record<string, CommandOption>> = {
  tyrant: {
    text: 'Runs each vassal as the owner and group of its file, without further groups. Needs root; files of root or of its group are refused, and those whose owner changes.',
  },
  'pid-file': {
    value: 'FILE',
    text: 'Holds the pid of the emperor, from the moment the file exists until the end.',
  },
  stats: {
    value: 'ADDRESS',
    text: 'Writes the state of the emperor as JSON, in the words of uWSGI, to whoever connects: unix:PATH (for the user of the emperor alone) or IP:PORT.',
  },
  ...Object.fromEntries(
    settingNames.map((name) => {
      const { text, default: standard } = emperorSettings[name];
      return [flagOf(name), { value: 'NUMBER', text: `${text} Default: ${standard}.` }];
    }),
  ),
};

/** @throws PortcullisError USAGE */
export function readEmperorOptions(
  command: Command,
  { words, options }: Arguments,
): EmperorOptions {
  const read = <T>(flag: string, kind: Kind<T>): T | undefined => {
    const text = options.get(flag);
    if (text === undefined) return undefined;
    const problems: Problem[] = [];
    const value = kind.parse(kind.fromText?.(text), new Place(flag, process.cwd(), problems));
    if (value !== undefined) return value;
    throw usage(command, problems.map(({ message }) => `--${flag}: ${message}`).join('; '));
  };
  const pidFile = options.get('pid-file');
  const given = settingNames.map((name) => [
    name,
    read(flagOf(name), kindOfSetting(name)) ?? defaultEmperorSettings[name],
  ]);
  return {
    directory: path.resolve(words[0] ?? ''),
    isTyrant: options.has('tyrant'),
    pidFile: pidFile === undefined ? undefined : path.resolve(pidFile),
    stats: read('stats', listenAddress),
    settings: Object.fromEntries(given) as EmperorSettings,
  };
}

const secondsMin = 0.01;

function kindOfSetting(name: EmperorSetting): Kind<number> {
  return isCount(name) ? wholeNumber(1, emperorSettingMax) : decimal(secondsMin, emperorSettingMax);
}

/** `scanSeconds` is --scan-seconds. */
function flagOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
