/** What bounds the decision log of the store. docs/explain.md names those that an operator meets. */

/** Entries in one document. */
export const segmentEntriesMax = 250;

/** How long one document is added to, in milliseconds: a search looks so much further than it is told. */
export const segmentSpanMilliseconds = 6 * 3_600_000;

/** How long an entry may wait for others to be written with it, in milliseconds. */
export const flushMilliseconds = 1000;

/** Entries of one process that may wait for a store that is slow or away; what is over it is lost. */
export const pendingEntriesMax = 10_000;

/** Between two looks for what is too old or too much, in milliseconds. */
export const tidyMilliseconds = 10_000;

/** Documents that are removed in one go. */
export const tidyDocumentsMax = 200;

/** Characters of each text of an entry; what is over it is cut. */
export const entryTextCharactersMax = 500;

/** Characters of a path in an entry, percent-encoded. */
export const entryPathCharactersMax = 2048;

/** Documents that one search reads before it says that there is more. */
export const searchSegmentsMax = 1000;

/** Entries that one search gives. */
export const searchEntriesMax = 1000;

/** Between two writings of the sums of usage, in milliseconds. */
export const usageFlushMilliseconds = 10_000;

/** Pairs of a principal and a distribution that one process sums up before they are written. */
export const usagePairsMax = 10_000;

/** Documents over which the pairs of one hour or day are spread. */
export const usageShards = 8;

/** Pairs in one of these documents; the downloads of what is over it count as those of others. */
export const usageShardPairsMax = 4000;

/** Processes whose last writing a document of sums remembers, so that none counts twice. */
export const usageWritersMax = 200;

/** How long sums of hours are kept, in days. */
export const usageHourDays = 7;

/** Rows that one question for usage gives. */
export const usageRowsMax = 10_000;

/**
 * Certificates that are new to a process and wait to be written, or were written since the last look for what
 * is too much; what is over it is seen later.
 */
export const pendingCertificatesMax = 1000;

/** Fingerprints that a process remembers to have written, so that it writes each once a day. */
export const knownCertificatesMax = 50_000;
