/** Reads the sources for the tests of their architecture: which file imports what. */

import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface SourceFile {
  /** From the root of the repository, as `src/http/ranges.ts`. */
  readonly path: string;
  /** Without its comments, so that a word in one is no offence. */
  readonly code: string;
  readonly imports: readonly ImportEdge[];
}

export interface ImportEdge {
  /** A path in the repository, or the name of a package or `node:` module; undefined when computed. */
  readonly target: string | undefined;
}

export const repositoryRoot = path.resolve(import.meta.dirname, '../..');

/** @param patterns globs from the root of the repository */
export function readSources(patterns: readonly string[]): readonly SourceFile[] {
  return globSync([...patterns], { cwd: repositoryRoot })
    .sort()
    .map((file) => parseSource(file, readFileSync(path.join(repositoryRoot, file), 'utf8')));
}

export function parseSource(file: string, text: string): SourceFile {
  const code = withoutComments(text);
  const targets = [...staticSpecifiers(code), ...dynamicSpecifiers(code)];
  return {
    path: file,
    code,
    imports: targets.map((target) => ({ target: resolve(file, target) })),
  };
}

/** Strings and templates are matched first, so that `//` in one starts no comment. */
const tokens =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|`(?:\\.|[^`\\])*`|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g;

function withoutComments(text: string): string {
  return text.replaceAll(tokens, (token) => (token.startsWith('/') ? '' : token));
}

/** `import … from`, `import '…'`, `export … from`, and each with `type`. */
function staticSpecifiers(code: string): (string | undefined)[] {
  const declaration = /^\s*(?:import|export)\b(?:[^'";]*?\bfrom)?\s*['"]([^'"]+)['"]/gm;
  return [...code.matchAll(declaration)].map((match) => match[1]);
}

/** `import(…)` as an expression and as a type, and `require(…)`. */
function dynamicSpecifiers(code: string): (string | undefined)[] {
  const call = /\b(?:import|require)\s*\(\s*(?:(['"])([^'"]+)\1\s*[,)])?/g;
  return [...code.matchAll(call)].map((match) => match[2]);
}

function resolve(file: string, specifier: string | undefined): string | undefined {
  if (specifier?.startsWith('.')) return path.join(path.dirname(file), specifier);
  return specifier;
}
