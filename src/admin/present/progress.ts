/** How long work is shown while it goes on: bars that are drawn anew on a terminal, lines elsewhere. */

import { oneLine } from './text.ts';

export interface Step {
  /** A few words, as `Publishing RPMs`. */
  readonly name: string;
  readonly done: number;
  /** 0 where nobody knows. */
  readonly total: number;
  /** What follows the bar, as `3 of 10`. */
  readonly text: string;
}

export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Columns of a terminal that does not tell. */
const columnsDefault = 80;

const barWidth = 30;

/** Off a terminal a step gets a new line with each of so many parts of it, so that a log stays short. */
const partsShown = 4;

export class Progress {
  readonly #stream: ProgressStream;
  #drawn = 0;
  readonly #said = new Map<string, string>();

  constructor(stream: ProgressStream) {
    this.#stream = stream;
  }

  /** Shows all steps as they now are. */
  show(steps: readonly Step[]): void {
    if (this.#stream.isTTY === true) this.#draw(steps.map((step) => this.#fit(barOf(step))));
    else for (const step of steps) this.#say(step);
  }

  /** What is drawn stays, and the next goes below it. */
  end(): void {
    this.#drawn = 0;
    this.#said.clear();
  }

  #draw(lines: readonly string[]): void {
    const up = this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A`;
    const rest = this.#drawn > lines.length ? '\u001b[J' : '';
    this.#stream.write(`${up}${lines.map((line) => `\u001b[2K${line}\n`).join('')}${rest}`);
    this.#drawn = lines.length;
  }

  #say(step: Step): void {
    const part = step.total === 0 ? 0 : Math.floor((step.done / step.total) * partsShown);
    const mark = step.total === 0 ? step.text : `${part}`;
    if (this.#said.get(step.name) === mark) return;
    this.#said.set(step.name, mark);
    this.#stream.write(`${oneLine(`${step.name}: ${step.text}`)}\n`);
  }

  /** A line that wraps could not be drawn anew. */
  #fit(line: string): string {
    // Some terminals say 0 for what they do not know.
    let left = (this.#stream.columns || columnsDefault) - 1;
    const characters = Array.from(oneLine(line));
    const end = characters.findIndex((character) => {
      left -= columnsOf(character);
      return left < 0;
    });
    return characters.slice(0, end === -1 ? characters.length : end).join('');
  }
}

/** At most: from the Hangul letters on there are those that take two. */
function columnsOf(character: string): 1 | 2 {
  return character < '\u1100' ? 1 : 2;
}

function barOf({ name, done, total, text }: Step): string {
  const share = total === 0 ? 0 : Math.min(1, Math.max(0, done / total));
  const filled = Math.round(share * barWidth);
  const bar = `[${'='.repeat(filled)}${' '.repeat(barWidth - filled)}]`;
  return `${bar} ${`${Math.round(share * 100)}%`.padStart(4)}  ${name}  ${text}`.trimEnd();
}
