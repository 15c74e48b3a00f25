/** The store's own collections. No declared one has such a name: theirs hold no dash. */

export const ownCollections = {
  /** `{_id: 'schema', version}` */
  state: 'portcullis-state',
  /** `{_id: collection, token}`: another token after each change. */
  revisions: 'portcullis-revisions',
  /** `{_id, collection}`: a change that is under way. */
  changes: 'portcullis-changes',
  /** Who may change documents, on servers that cannot compare and change in one step. */
  writers: 'portcullis-writers',
} as const;
