/** What a store takes and gives at most. Each limit holds on every store alike. */

export interface StoreLimits {
  /** One document as JSON in UTF-8, in bytes. MongoDB's own limit is 16 MiB of BSON. */
  readonly documentBytesMax: number;
  /** How deep objects and lists of a document may be nested; the document itself is level 1. */
  readonly documentDepthMax: number;
  /** An `_id` in UTF-8, in bytes. */
  readonly idBytesMax: number;
  /** Text in an indexed field in UTF-8, in bytes. */
  readonly indexedBytesMax: number;
  /** How deep a filter's operators may be nested; the filter itself is level 1. */
  readonly filterDepthMax: number;
  /** Conditions of one filter, in all its levels. */
  readonly filterNodesMax: number;
  /** Values of the lists of one filter, all together. */
  readonly filterValuesMax: number;
  /** A path such as `users.username`, in UTF-16 code units. */
  readonly pathCharactersMax: number;
  /** One text to compare with, in UTF-8, in bytes. */
  readonly filterTextBytesMax: number;
  /** One regular expression, in UTF-16 code units. */
  readonly patternCharactersMax: number;
  /** Fields that one query sorts by. */
  readonly sortFieldsMax: number;
  /** Fields that one query asks for. */
  readonly fieldsMax: number;
  /** Documents that one query gives, or has to hold in memory in order to sort them. */
  readonly resultDocumentsMax: number;
  /** The same documents as JSON, in bytes. */
  readonly resultBytesMax: number;
  /** How long a change goes on to be tried while others hold the lock or change the same document, in milliseconds. */
  readonly contentionMillisecondsMax: number;
}

export const storeLimits: StoreLimits = {
  documentBytesMax: 8 * 1024 * 1024,
  documentDepthMax: 32,
  idBytesMax: 512,
  indexedBytesMax: 4096,
  filterDepthMax: 10,
  filterNodesMax: 500,
  filterValuesMax: 10_000,
  pathCharactersMax: 256,
  filterTextBytesMax: 64 * 1024,
  patternCharactersMax: 1000,
  sortFieldsMax: 8,
  fieldsMax: 100,
  resultDocumentsMax: 200_000,
  resultBytesMax: 256 * 1024 * 1024,
  contentionMillisecondsMax: 5000,
};
