/** The bounds of taking over a remote repository that no setting moves. */

/** Redirects on the way to one file. */
export const redirectsMax = 5;

/** Bytes of `repomd.xml` and of its like, which say what everything else is. */
export const indexBytesMax = 16_777_216;

/** Files at a time where the importer says nothing. */
export const defaultDownloads = 4;

/** Between two attempts, in milliseconds: the first wait, and the longest. */
export const firstWaitMilliseconds = 500;
export const longestWaitMilliseconds = 30_000;
