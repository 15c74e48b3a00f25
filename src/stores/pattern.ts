/**
 * Regular expressions of clients, matched in linear time (T69): by RE2's rules and never by the
 * backtracking engines of Node or MongoDB, so that all stores give the same answer to each.
 */

import { RE2JS } from 're2js';
import { messageOf, PortcullisError } from '../errors.ts';
import type { StoreLimits } from './limits.ts';
import { textProblem } from './path.ts';

export interface Pattern {
  /** Whether it matches somewhere in `text`. */
  readonly test: (text: string) => boolean;
}

const flags: ReadonlyMap<string, number> = new Map([
  ['i', RE2JS.CASE_INSENSITIVE],
  ['m', RE2JS.MULTILINE],
  ['s', RE2JS.DOTALL],
]);

/** A repetition such as `{1000}` is compiled as often as it says; RE2 itself stops at 1000. */
const programSizeMax = 2000;

/**
 * @param options letters of i, m and s, as MongoDB's `$options`; undefined for none
 * @throws PortcullisError FILTER_INVALID
 */
export function compilePattern(source: unknown, options: unknown, limits: StoreLimits): Pattern {
  if (typeof source !== 'string') throw invalid('it is not a text');
  if (source.length > limits.patternCharactersMax) {
    throw invalid(`it is longer than ${limits.patternCharactersMax} characters`);
  }
  const problem = textProblem(source);
  if (problem !== undefined) throw invalid(problem);
  const compiled = compile(source, readOptions(options));
  return { test: (text) => compiled.test(text) };
}

function compile(source: string, options: number): RE2JS {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(source, options);
  } catch (error) {
    throw invalid(`${messageOf(error)}; RE2's syntax is allowed`);
  }
  if (compiled.programSize() > programSizeMax) throw invalid('its repetitions are too many');
  return compiled;
}

function readOptions(options: unknown): number {
  if (options === undefined) return 0;
  if (typeof options !== 'string') throw invalid('its $options are not a text');
  return [...options].reduce((sum, letter) => {
    const flag = flags.get(letter);
    if (flag === undefined) throw invalid('its $options have a letter other than i, m and s');
    return sum | flag;
  }, 0);
}

function invalid(state: string): PortcullisError {
  return new PortcullisError('FILTER_INVALID', `Cannot use the regular expression: ${state}`);
}
