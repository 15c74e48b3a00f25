/** The start of an emperor: refused unless it may rule the directory, and rules it alone. */

import path from 'node:path';
import { PortcullisError } from '../errors.ts';
import type { Regime } from './admission.ts';
import { Emperor, type EmperorParts } from './emperor.ts';
import { holdDirectory } from './hold-directory.ts';
import { DirectoryScanner } from './scan.ts';
import { checkEmperorSettings } from './settings.ts';

const root = 0;

/**
 * Holds the directory and begins to rule it.
 *
 * @throws PortcullisError START_REFUSED, CONFIG_INVALID
 */
export async function startEmperor(parts: EmperorParts): Promise<Emperor> {
  checkEmperorSettings(parts.settings);
  const directory = path.resolve(parts.directory);
  const regime: Regime = { uid: process.geteuid?.() ?? root, isTyrant: parts.isTyrant };
  if (regime.isTyrant && regime.uid !== root) {
    throw refusal(directory, 'only root can run vassals as their owners; leave --tyrant out');
  }
  const scanner = new DirectoryScanner(directory, regime, parts.settings.vassalsMax);
  const scan = await scanner.scan(new Map());
  if (scan.refusal !== undefined) throw refusal(directory, scan.refusal);
  const claim = await holdDirectory(directory, parts.log);
  return new Emperor({ ...parts, directory }, regime, scanner, () => claim?.release());
}

function refusal(directory: string, state: string): PortcullisError {
  return new PortcullisError('START_REFUSED', `Cannot rule ${directory}: ${state}`);
}
