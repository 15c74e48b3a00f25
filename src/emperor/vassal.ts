/** What the emperor knows of one vassal: plain data. */

/**
 * | phase    | a process | leaves by (vassal-events.ts) |
 * |----------|-----------|-----------|
 * | waiting  | none      | `started` |
 * | starting | there     | `served`, `asked`, `ended` |
 * | serving  | there     | `asked`, `ended` |
 * | stopping | there, asked to end | `ended` |
 */
export type Phase = 'waiting' | 'starting' | 'serving' | 'stopping';

/** How a process is told to end, each more urgent than the one before. */
export type Urgency = 'drain' | 'interrupt' | 'kill';

/** One moment on two clocks. */
export interface Moment {
  /** Of the monotonic clock, milliseconds. */
  readonly ms: number;
  /** Of the wall clock, seconds since 1970. */
  readonly wallSeconds: number;
}

export interface Vassal {
  /** Of its file. */
  readonly name: string;
  readonly phase: Phase;
  readonly sinceMs: number;
  /** How it was last asked to end. */
  readonly asked: Urgency | undefined;
  /** Why it was, when that is its own fault. */
  readonly fault: string | undefined;
  /** When the next more urgent word is due. */
  readonly limitMs: number;
  /** The version of its file that it was last started or reloaded with; undefined asks for another try. */
  readonly triedStamp: string | undefined;
  /** Whom it belongs to, from its first start on. */
  readonly owner: Owner | undefined;
  /** Early ends in a row. */
  readonly failures: number;
  /** It is not started before, unless its file changes. */
  readonly notBeforeMs: number;
  /** Why it does not run, or runs with an older version of its file. */
  readonly reason: string | undefined;
  readonly pid: number;
  readonly addresses: readonly string[];
  /** How long it may need to end. */
  readonly stopSeconds: number;
  /** The reload that has not been answered; 0 when all are. */
  readonly reload: number;
  readonly history: History;
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Times are seconds since 1970; 0 is never. */
export interface History {
  readonly born: number;
  readonly firstStart: number;
  readonly lastStart: number;
  readonly lastReady: number;
  readonly starts: number;
  readonly reloads: number;
  /** The first and the last of the early ends in a row. */
  readonly firstFailure: number;
  readonly lastFailure: number;
}

export function newVassal(name: string, now: Moment): Vassal {
  return {
    name,
    phase: 'waiting',
    sinceMs: now.ms,
    asked: undefined,
    fault: undefined,
    limitMs: Number.POSITIVE_INFINITY,
    triedStamp: undefined,
    owner: undefined,
    failures: 0,
    notBeforeMs: 0,
    reason: undefined,
    pid: 0,
    addresses: [],
    stopSeconds: 0,
    reload: 0,
    history: {
      born: now.wallSeconds,
      firstStart: 0,
      lastStart: 0,
      lastReady: 0,
      starts: 0,
      reloads: 0,
      firstFailure: 0,
      lastFailure: 0,
    },
  };
}

export function isRunning({ phase }: Vassal): boolean {
  return phase === 'starting' || phase === 'serving';
}
