/** What bounds the reading of revocation lists. docs/revocation.md names each of them. */

/** Bytes of one source, PEM or DER. A million entries are 36 to 40 MB of DER. */
export const sourceBytesMax = 64 * 1024 * 1024;

/** Certificates on one list. */
export const entriesMax = 2_000_000;

/** Lists in one source: operators concatenate those of a chain, as nginx wants them. */
export const listsPerSourceMax = 16;

/** CAs of one name whose keys are tried on one list: each try hashes the whole list. */
export const issuersPerListMax = 8;

/** Octets of a list's number (RFC 5280 section 5.2.3). */
export const listNumberBytesMax = 20;

/** Seconds by which `thisUpdate` may be ahead of our clock. */
export const clockSkewSecondsMax = 60;

/** Seconds in which a list has to be read and verified, in a thread of its own. */
export const readSecondsMax = 60;

/** Megabytes of memory that the thread may take for objects; the bytes of the list come on top. */
export const readHeapMegabytesMax = 512;

/** Nice value of the thread: on a busy core it gets a quarter of the time of one that answers requests. */
export const readingNiceness = 5;

/** Seconds in which a URL has to have given all of its list. */
export const fetchSecondsMax = 30;

/** Seconds between two looks at a file. */
export const filePollSeconds = 1;

/** Seconds that a start waits for the first reading of all lists; it goes on without those that are late. */
export const firstReadSecondsMax = 6;

/**
 * The published bound: seconds from when a list could be noticed until it is in force in every worker,
 * for lists of up to 100,000 entries, on a machine and a server that are not overloaded.
 */
export const inForceWithinSeconds = 4;
