/** The emperor's limits: how it looks, when it steps in, and how long it waits. */

import { PortcullisError } from '../errors.ts';
import { requireTimerSeconds, timerSecondsMax } from '../workers/interval.ts';

/** Names that end with `Seconds` or `SecondsMax` are times in seconds, the others are counts. */
export const emperorSettings = {
  scanSeconds: {
    default: 3,
    text: 'How often the directory is looked at, whatever the system tells of changes.',
  },
  settleSeconds: {
    default: 0.5,
    text: 'How long a file has to be as it is before it counts as written, or as gone.',
  },
  startSeconds: {
    default: 120,
    text: 'Time from the start of a vassal until it serves, after which it is killed.',
  },
  startsMax: { default: 4, text: 'Vassals that start at the same time.' },
  turnSeconds: {
    default: 10,
    text: 'How long a vassal that is slow to start may keep others from starting.',
  },
  throttleSeconds: {
    default: 1,
    text: 'The wait before a vassal that has ended by itself is started again; doubled at each early end.',
  },
  throttleSecondsMax: { default: 180, text: 'The longest such wait.' },
  healthySeconds: {
    default: 30,
    text: 'Time of serving after which an end is no longer an early one.',
  },
  stopSecondsMax: {
    default: 300,
    text: 'The longest time that a vassal gets to let its requests end, whatever its limits.drainSeconds.',
  },
  interruptSeconds: { default: 5, text: 'Time that a vassal gets when it is to end at once.' },
  vassalsMax: {
    default: 1000,
    text: 'Files of the directory that are served. When there are more, those stay that were there before, and then the first by name.',
  },
} as const satisfies Record<string, { readonly default: number; readonly text: string }>;

export type EmperorSetting = keyof typeof emperorSettings;
export type EmperorSettings = Readonly<Record<EmperorSetting, number>>;

/** The highest value of a setting. */
export const emperorSettingMax = timerSecondsMax;

export const defaultEmperorSettings = Object.fromEntries(
  Object.entries(emperorSettings).map(([name, setting]) => [name, setting.default]),
) as EmperorSettings;

/** Counts are whole numbers. */
export function isCount(name: EmperorSetting): boolean {
  return !/Seconds(?:Max)?$/.test(name);
}

/**
 * A timer that cannot run would be a promise that nothing keeps.
 *
 * @throws PortcullisError CONFIG_INVALID
 */
export function checkEmperorSettings(settings: EmperorSettings): void {
  for (const name of Object.keys(emperorSettings) as EmperorSetting[]) {
    const value = settings[name];
    if (!isCount(name)) requireTimerSeconds(name, value);
    else if (!Number.isSafeInteger(value) || value < 1) {
      throw new PortcullisError(
        'CONFIG_INVALID',
        `Cannot start: ${name} is ${value}; a whole number from 1 on is right`,
      );
    }
  }
}
