/** Skips tests whose programs are not installed, with the reason. */

import { isToolInstalled, type ToolName } from './tools.ts';

/** For a test's `skip` option: false when all of `names` are there, otherwise which are not. */
export function needs(...names: readonly ToolName[]): string | false {
  const missing = names.filter((name) => !isToolInstalled(name));
  return missing.length > 0 && `${missing.join(', ')} not installed`;
}

/** For a test's `skip` option: false when the test runs as root. */
export function needsRoot(): string | false {
  return process.getuid?.() !== 0 && 'runs as root only';
}
