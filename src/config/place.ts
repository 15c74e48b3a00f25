/** Where in the configuration a value stands, and where its mistakes are told. */

import type { Problem } from '../model.ts';

export class Place {
  /** As `distributions[0].access.any[1]`; empty for the whole. */
  readonly at: string;
  /** Relative paths start here. */
  readonly baseDirectory: string;
  readonly #problems: Problem[];

  constructor(at: string, baseDirectory: string, problems: Problem[]) {
    this.at = at;
    this.baseDirectory = baseDirectory;
    this.#problems = problems;
  }

  /** The place of a member (a name) or of an item (a number) of what stands here. */
  child(step: string | number): Place {
    const at = typeof step === 'number' ? `${this.at}[${step}]` : joinNames(this.at, step);
    return new Place(at, this.baseDirectory, this.#problems);
  }

  report(message: string): void {
    this.#problems.push({ at: this.at, message });
  }

  /** Reports that `raw` is not what is expected here. */
  refuse(raw: unknown, expected: string): undefined {
    this.report(`Cannot use ${show(raw)}: expected ${expected}`);
  }
}

/** The longest text of a refused value in a message, in UTF-16 code units. */
export const shownCharactersMax = 80;

/** A value as a message shows it: JSON, so that no control character reaches a terminal. */
export function show(raw: unknown): string {
  if (Array.isArray(raw)) return 'a list';
  if (typeof raw === 'object' && raw !== null) return 'a mapping';
  const text = JSON.stringify(raw) ?? 'nothing';
  return text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text;
}

/** A name that is none of ours may hold anything; quoted, it cannot drive a terminal. */
function joinNames(at: string, name: string): string {
  if (!/^[\w-]{1,100}$/.test(name)) return `${at}[${show(name)}]`;
  return at === '' ? name : `${at}.${name}`;
}
