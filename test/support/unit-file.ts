/** A systemd unit, read for tests: its settings in their order. */

export type UnitSettings = readonly (readonly [key: string, value: string])[];

export function readUnit(text: string): UnitSettings {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('['))
    .map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)] as const;
    });
}

export function settingsOf(unit: UnitSettings, name: string): readonly string[] {
  return unit.filter(([key]) => key === name).map(([, value]) => value);
}

/** @throws Error when `name` is not set exactly once */
export function settingOf(unit: UnitSettings, name: string): string {
  const [value, ...others] = settingsOf(unit, name);
  if (value === undefined || others.length > 0) throw new Error(`${name} is not set once`);
  return value;
}
