/** What commands write: for people, or with --json the answer of the server for programs. */

import { unicodeEscape } from '../../terminal/output.ts';
import type { Failure } from '../failure.ts';
import { Progress, type ProgressStream } from './progress.ts';
import {
  type Column,
  type DocumentFields,
  documentLines,
  oneLine,
  tableLines,
  titleLines,
} from './text.ts';

export interface Streams {
  readonly out: { write(text: string): unknown };
  readonly err: ProgressStream;
}

export interface Shown {
  readonly title: string;
  /** What stands there when there is nothing to show. */
  readonly none: string;
  /** A table, or documents under each other. */
  readonly content:
    | { readonly table: readonly Column[] }
    | { readonly documents: readonly DocumentFields[] };
}

export class Output {
  readonly #streams: Streams;
  readonly #isJson: boolean;

  constructor(streams: Streams, { isJson }: { readonly isJson: boolean }) {
    this.#streams = streams;
    this.#isJson = isJson;
  }

  /** One sentence after something was done; with --json, what the server answered. */
  done(sentence: string, body: unknown): void {
    if (this.#isJson) this.#json(body);
    else this.#lines([sentence]);
  }

  show({ title, none, content }: Shown, body: unknown): void {
    if (this.#isJson) {
      this.#json(body);
      return;
    }
    const lines = 'table' in content ? tableOf(content.table) : documentsOf(content.documents);
    this.#lines([...titleLines(title), ...(lines.length === 0 ? [none] : lines), '']);
  }

  /**
   * A text, or the lines of one, alone on the standard output, so that it can be piped, and what a person has to know of it on
   * the standard error; with --json, what the server answered.
   */
  hand(text: string | readonly string[], sentences: readonly string[], body: unknown): void {
    if (this.#isJson) {
      this.#json(body);
      return;
    }
    const lines = [text].flat();
    if (lines.length > 0) this.#lines(lines);
    this.#streams.err.write(`${sentences.map(oneLine).join('\n')}\n`);
  }

  /** How long work goes on, on the standard error: the standard output is for what it comes to. */
  progress(): Progress {
    return new Progress(this.#streams.err);
  }

  /** A sentence for people, on the standard error. */
  remark(sentence: string): void {
    this.#streams.err.write(`${oneLine(sentence)}\n`);
  }

  /** What the program itself has to say, as it is. */
  text(text: string): void {
    this.#streams.out.write(text);
  }

  /** To the standard error, as a title and sentences. */
  failed({ title, lines }: Failure): void {
    this.#streams.err.write(`${[title, ...lines].map(oneLine).join('\n')}\n`);
  }

  #lines(lines: readonly string[]): void {
    this.#streams.out.write(`${lines.map(oneLine).join('\n')}\n`);
  }

  #json(body: unknown): void {
    this.#streams.out.write(`${safeJson(body)}\n`);
  }
}

function tableOf(columns: readonly Column[]): readonly string[] {
  return columns.every(({ cells }) => cells.length === 0) ? [] : tableLines(columns);
}

function documentsOf(documents: readonly DocumentFields[]): readonly string[] {
  return documents.flatMap((fields) => [...documentLines(fields), '']).slice(0, -1);
}

/** JSON escapes some control characters; the others are escaped as it would (T87). */
function safeJson(body: unknown): string {
  return JSON.stringify(body, undefined, 2).replaceAll(/[\p{Cc}\p{Cf}]/gu, (character) =>
    character === '\n' ? character : unicodeEscape(character),
  );
}
