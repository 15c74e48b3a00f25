/**
 * Settings from environment variables and flags.
 *
 * Both names follow from the path: `listen.uwsgi.allowedPeers` is the variable
 * PORTCULLIS_LISTEN_UWSGI_ALLOWED_PEERS and the flag --listen-uwsgi-allowed-peers. A secret has the
 * variable alone.
 */

import type { Problem } from '../model.ts';
import { nearest } from './nearest.ts';
import { type Members, type Overrides, Setting } from './setting.ts';
import { allSettings } from './settings/all.ts';

export interface OverridableSetting {
  /** As `listen.uwsgi.address`. */
  readonly path: string;
  /** As `PORTCULLIS_LISTEN_UWSGI_ADDRESS`. */
  readonly variable: string;
  /** Without its dashes, as `listen-uwsgi-address`; a secret has none. */
  readonly flag: string | undefined;
  readonly setting: Setting<unknown>;
}

/** Where the configuration file is, when no flag says so. */
export const configurationFileVariable = 'PORTCULLIS_CONFIG';

/** The settings that a variable or flag can set: all but those that are written in the file alone. */
export function overridableSettings(): readonly OverridableSetting[] {
  return [...walk(allSettings.members, '')];
}

export interface ReadOverrides {
  readonly overrides: Overrides;
  readonly problems: readonly Problem[];
  /** Those of the variables that are settings. */
  readonly variables: Readonly<Record<string, string>>;
  /** The variable or flag that set what stands at a path. */
  originOf(at: string): string | undefined;
}

/** Flags win over variables. An unknown PORTCULLIS_ variable is a mistake: it was meant to do something. */
export function readOverrides(
  environment: Readonly<Record<string, string | undefined>>,
  flags: Readonly<Record<string, string>>,
): ReadOverrides {
  const settings = overridableSettings();
  const overrides = new Map<string, string>();
  const origins = new Map<string, string>();
  const set = (path: string, text: string | undefined, origin: string): void => {
    if (text === undefined) return;
    overrides.set(path, text);
    origins.set(path, origin);
  };
  const variables: Record<string, string> = {};
  for (const { path, variable } of settings) {
    const text = environment[variable];
    set(path, text, variable);
    if (text !== undefined) variables[variable] = text;
  }
  for (const { path, flag } of settings) {
    if (flag !== undefined && Object.hasOwn(flags, flag)) set(path, flags[flag], `--${flag}`);
  }
  const originOf = (at: string): string | undefined =>
    origins.get(at) ?? origins.get(at.replace(/\[\d+\]$/, ''));
  const problems = unknownNames(environment, flags, settings);
  return { overrides, problems, variables, originOf };
}

function* walk(members: Members, at: string): Generator<OverridableSetting> {
  for (const [name, member] of Object.entries(members)) {
    const path = at === '' ? name : `${at}.${name}`;
    if (!(member instanceof Setting)) yield* walk(member.members, path);
    else if (member.kind.fromText !== undefined) {
      const name = path
        .replaceAll('.', '-')
        .replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      const variable = `PORTCULLIS_${name.toUpperCase().replaceAll('-', '_')}`;
      const flag = member.kind.isSecret ? undefined : name;
      yield { path, variable, flag, setting: member };
    }
  }
}

/** Kubernetes and Docker set such variables by themselves, for a service named `portcullis`. */
const serviceVariable = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP)(_\w+)?)?)$/;

function unknownNames(
  environment: Readonly<Record<string, string | undefined>>,
  flags: Readonly<Record<string, string>>,
  settings: readonly OverridableSetting[],
): Problem[] {
  const variables = settings.map(({ variable }) => variable);
  const isForeign = (name: string): boolean =>
    !name.startsWith('PORTCULLIS_') ||
    name === configurationFileVariable ||
    variables.includes(name) ||
    serviceVariable.test(name);
  const flagNames = settings.map(({ flag }) => flag).filter((flag) => flag !== undefined);
  return [
    ...Object.keys(environment)
      .filter((name) => !isForeign(name))
      .map((name) => unknown(name, nearest(name, variables))),
    ...Object.keys(flags)
      .filter((name) => !flagNames.includes(name))
      .map((name) => unknown(`--${name}`, prefixed('--', nearest(name, flagNames)))),
  ];
}

function unknown(name: string, near: string | undefined): Problem {
  const right = near === undefined ? 'docs/configuration.md lists them' : `did you mean ${near}`;
  return { at: '', message: `Cannot use ${name}: there is no such setting, ${right}` };
}

function prefixed(prefix: string, word: string | undefined): string | undefined {
  return word === undefined ? undefined : prefix + word;
}
