/** Declarations of settings and their groups, and the one function that reads them. */

import type { Kind } from './kind.ts';
import { nearest } from './nearest.ts';
import { type Place, show } from './place.ts';

/** What stands where a setting is not written. `default` is as it would be written. */
export type WhenAbsent =
  | { readonly type: 'default'; readonly raw: unknown }
  | { readonly type: 'refused' }
  | { readonly type: 'undefined' };

export interface SettingTexts {
  /** One sentence. */
  readonly description: string;
  /** What a number counts, as `seconds`. */
  readonly unit?: string;
  /** A value as it could be written in the file. */
  readonly example: unknown;
}

/** One setting, declared once: from it come its check, its variable, its flag and its documentation. */
export class Setting<T> {
  readonly kind: Kind<T>;
  readonly whenAbsent: WhenAbsent;
  readonly texts: SettingTexts;

  constructor(kind: Kind<T>, whenAbsent: WhenAbsent, texts: SettingTexts) {
    this.kind = kind;
    this.whenAbsent = whenAbsent;
    this.texts = texts;
  }
}

export function setting<T>(
  kind: Kind<T>,
  texts: SettingTexts & { readonly default: unknown },
): Setting<T> {
  return new Setting(kind, { type: 'default', raw: texts.default }, texts);
}

export function requiredSetting<T>(kind: Kind<T>, texts: SettingTexts): Setting<T> {
  return new Setting(kind, { type: 'refused' }, texts);
}

export function optionalSetting<T>(kind: Kind<T>, texts: SettingTexts): Setting<T | undefined> {
  return new Setting<T | undefined>(kind, { type: 'undefined' }, texts);
}

export type Members = Readonly<Record<string, Setting<unknown> | Group>>;

/** A mapping of the file. Where it is optional and nothing of it is written, it is undefined. */
export interface Group<M extends Members = Members, Optional extends boolean = boolean> {
  readonly members: M;
  readonly optional: Optional;
  readonly description: string;
  /** Checks the members against each other; called when each by itself is right. */
  readonly rule: ((value: never, place: Place) => void) | undefined;
}

export function group<M extends Members>(
  description: string,
  members: M,
  rule?: (value: GroupValue<M>, place: Place) => void,
): Group<M, false> {
  return { members, optional: false, description, rule };
}

export function optionalGroup<M extends Members>(
  description: string,
  members: M,
  rule?: (value: GroupValue<M>, place: Place) => void,
): Group<M, true> {
  return { members, optional: true, description, rule };
}

export type GroupValue<M extends Members> = {
  readonly [K in keyof M]: M[K] extends Setting<infer T>
    ? T
    : M[K] extends Group<infer N, infer Optional>
      ? GroupValue<N> | (Optional extends true ? undefined : never)
      : never;
};

/** The texts of variables and flags by the path of their setting, as `listen.uwsgi.address`. */
export type Overrides = ReadonlyMap<string, string>;

/**
 * Reads what stands at `place`: an override, else the file's, else the default.
 *
 * @returns undefined when a member is missing or wrong; every mistake is reported to `place`
 */
export function readGroup<M extends Members>(
  declared: Group<M>,
  raw: unknown,
  place: Place,
  overrides: Overrides,
): GroupValue<M> | undefined {
  const written = raw ?? {};
  if (!isMapping(written)) return place.refuse(raw, 'a mapping of settings');
  refuseUnknown(declared.members, written, place);
  const entries: [string, unknown][] = [];
  let isWhole = true;
  for (const [name, member] of Object.entries(declared.members)) {
    const own = Object.hasOwn(written, name) ? written[name] : absent;
    const read = readMember(member, own, place.child(name), overrides);
    if (read.ok) entries.push([name, read.value]);
    else isWhole = false;
  }
  if (!isWhole) return undefined;
  // The type follows the members one to one, which the compiler cannot see through a loop.
  const value = Object.fromEntries(entries) as GroupValue<M>;
  const rule = declared.rule as ((value: GroupValue<M>, place: Place) => void) | undefined;
  rule?.(value, place);
  return value;
}

/** Whether `raw` is a mapping of YAML or JSON. */
export function isMapping(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}

type Read = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

const absent: unique symbol = Symbol('absent');

function readMember(
  member: Setting<unknown> | Group,
  own: unknown,
  place: Place,
  overrides: Overrides,
): Read {
  if (member instanceof Setting) return readSetting(member, own, place, overrides);
  const raw = own === absent ? undefined : own;
  if (member.optional && own === absent && !hasOverrideBelow(place.at, overrides)) {
    return { ok: true, value: undefined };
  }
  return asRead(readGroup(member, raw, place, overrides));
}

function readSetting(
  declared: Setting<unknown>,
  own: unknown,
  place: Place,
  overrides: Overrides,
): Read {
  const { kind, whenAbsent } = declared;
  const override = overrides.get(place.at);
  if (override !== undefined) return asRead(kind.parse(kind.fromText?.(override), place));
  if (own !== absent) return asRead(kind.parse(own, place));
  switch (whenAbsent.type) {
    case 'default':
      return asRead(kind.parse(whenAbsent.raw, place));
    case 'undefined':
      return { ok: true, value: undefined };
    case 'refused':
      place.report(`Cannot leave it out: expected ${kind.expected}`);
      return { ok: false };
  }
}

function asRead(value: unknown): Read {
  return value === undefined ? { ok: false } : { ok: true, value };
}

function hasOverrideBelow(at: string, overrides: Overrides): boolean {
  return overrides.keys().some((path) => path.startsWith(`${at}.`));
}

function refuseUnknown(
  members: Members,
  written: Readonly<Record<string, unknown>>,
  place: Place,
): void {
  const known = Object.keys(members);
  for (const name of Object.keys(written)) {
    if (Object.hasOwn(members, name)) continue;
    const near = nearest(name, known);
    const right =
      near === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${near}`;
    place
      .child(name)
      .report(`Cannot use the key ${show(name)}: there is no such setting, ${right}`);
  }
}
