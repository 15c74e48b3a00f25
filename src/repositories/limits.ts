/** What is kept of repositories at most. */

export const repositoryLimits = {
  /** The id of a repository, in characters, which are of one byte each. */
  repositoryIdCharactersMax: 255,
  distributorIdCharactersMax: 255,
  distributorsMax: 100,
  /** In bytes of UTF-8; it is a part of the `_id` of its document. */
  relativeUrlBytesMax: 480,
  /** Entries of the history of synchronization that each repository keeps; the oldest go. */
  syncHistoryMax: 500,
  /** The same of publishing, for each distributor. */
  publishHistoryMax: 500,
  /** Repositories of one group. */
  groupRepositoriesMax: 10_000,
  /** The shortest period of a schedule, in seconds. */
  schedulePeriodSecondsMin: 60,
  /** Uploads of one user that are under way: each takes a directory and a document, bytes or not. */
  uploadsOfUserMax: 1000,
  /** Schedules of one importer or distributor. */
  schedulesMax: 100,
} as const;
