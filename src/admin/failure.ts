/** Why a command did not do what it was asked: a value, handed back to whoever writes it. */

export interface FailureParts {
  /** A few words, without a full stop. */
  readonly title: string;
  /** Sentences: what is wrong, and what to do next. */
  readonly lines: readonly string[];
  readonly exitCode: number;
  readonly kind?: FailureKind;
}

/** What a command may take for something else than a failure: what there is not, or what may be better in a moment. */
export type FailureKind = 'session-over' | 'missing' | 'conflict' | 'away';

export class Failure {
  readonly title: string;
  readonly lines: readonly string[];
  readonly exitCode: number;
  readonly kind: FailureKind | undefined;

  constructor({ title, lines, exitCode, kind }: FailureParts) {
    this.kind = kind;
    this.title = title;
    this.lines = lines;
    this.exitCode = exitCode;
  }
}
