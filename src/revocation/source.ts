/** Where lists come from: what files and URLs have in common. */

export interface ListSource {
  /** The path or the URL, for people. */
  readonly name: string;
  /** Never rejects. */
  read(signal: AbortSignal): Promise<SourceAnswer>;
  /** What was read last is of use: it is not read again until it changes. */
  accept(): void;
  /**
   * Seconds until the next look.
   *
   * @param failures in a row
   * @param secondsLeft until the first of its lists ends; undefined while there is none
   */
  pauseSeconds(failures: number, secondsLeft: number | undefined): number;
}

export type SourceAnswer =
  | { readonly outcome: 'read'; readonly bytes: Uint8Array<ArrayBuffer> }
  /** As it was when it was accepted. */
  | { readonly outcome: 'same' }
  /** As it was when it was of no use; it is read again later all the same. */
  | { readonly outcome: 'waiting' }
  /** `problem` is a clause, as "there is no such file or directory". */
  | { readonly outcome: 'failed'; readonly problem: string };

export function failed(problem: string): SourceAnswer {
  return { outcome: 'failed', problem };
}
