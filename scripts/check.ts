/**
 * `npm run check`: everything about the tree that can be checked without running it.
 *
 * A checker that looked at nothing is a failure: silence is no proof.
 */

import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import path from 'node:path';

interface Check {
  readonly name: string;
  /** A program among the dependencies, and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** What is wrong although the program is content, from what it wrote; undefined when nothing. */
  readonly objection?: (output: string) => string | undefined;
}

const root = path.dirname(import.meta.dirname);
const sources = globSync('{src,auth-plugins,test,bench,deploy,scripts}/**/*.ts', { cwd: root });

const checks: readonly Check[] = [
  { name: 'types', command: ['tsc', '--listFiles'], objection: uncheckedSources },
  {
    name: 'format and lint',
    command: ['biome', 'ci', '--error-on-warnings', '--colors=off', '.'],
    objection: (output) => (/^Checked [1-9]/m.test(output) ? undefined : 'it checked no file'),
  },
  { name: 'generated documents', command: ['node', 'scripts/generate-docs.ts', '--check'] },
];

const failed = checks.filter((check) => !passes(check)).map((check) => check.name);
if (failed.length > 0) {
  console.log(`Failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}

function passes({ name, command, objection }: Check): boolean {
  const [program, ...args] = command;
  const executable =
    program === 'node' ? process.execPath : path.join(root, 'node_modules/.bin', program);
  const result = spawnSync(executable, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });
  const output = `${result.stdout}${result.stderr}`;
  const problem = result.status === 0 ? objection?.(output) : words(output, result.error);
  console.log(problem === undefined ? `${name}: clean` : `${name}:\n${problem}`);
  return problem === undefined;
}

/** What the program said, without the paths of a file list. */
function words(output: string, error: Error | undefined): string {
  const lines = output.split('\n').filter((line) => !path.isAbsolute(line));
  return [...lines, error?.message].join('\n').trim() || 'it failed without a word';
}

/** tsc follows `include` of tsconfig.json: a folder that is missing there is silently unchecked. */
function uncheckedSources(output: string): string | undefined {
  const checked = new Set(output.split('\n'));
  const unchecked = sources.filter((file) => !checked.has(path.join(root, file)));
  if (sources.length === 0) return 'there is no source to check';
  return unchecked.length > 0 ? `not checked by tsc: ${unchecked.join(', ')}` : undefined;
}
