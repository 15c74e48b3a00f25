/** What is served of a repository: its publications, of which another may be the present one at any moment. */

/** An immutable tree of files. */
export interface Publication {
  readonly id: string;
  /** Absolute path. */
  readonly directory: string;
}

export interface Published {
  /** The present one first, then those whose time is not over, the latest first. */
  publications(): readonly Publication[];
  /** What the store says in a reading that began after the call: another worker may be further. */
  refresh(): Promise<Refreshed>;
}

export type Refreshed =
  /** As `publications()`. Who may read them is as it was. */
  | { readonly outcome: 'known'; readonly publications: readonly Publication[] }
  /** It is another one's by now, or for others: what was decided is not about it. */
  | { readonly outcome: 'changed' }
  | { readonly outcome: 'gone' };
