/** The bounds of taking over a remote repository. Settings of the group `sync` move the first of them. */

export interface SyncLimits {
  /** Ranges of addresses, besides the public ones, that feeds may be at, in CIDR notation (T88). */
  readonly addresses: readonly string[];
  /** Files at a time, whatever an importer says. */
  readonly downloadsMax: number;
  /** How often a file is asked for at most. */
  readonly attemptsMax: number;
  /** Until a connection is there, in seconds. */
  readonly connectSeconds: number;
  /** Without a byte from the other side, in seconds. */
  readonly idleSeconds: number;
  /** For one file, in seconds. */
  readonly fileSecondsMax: number;
  /** Bytes of one file of content. */
  readonly fileBytesMax: number;
  /** Bytes of one file of metadata, as it is sent. */
  readonly metadataBytesMax: number;
  /** Bytes of one file of metadata, uncompressed. */
  readonly openMetadataBytesMax: number;
  /** Units in one repository. */
  readonly unitsMax: number;
  /** Whether a file may be taken of which only a digest is known that can be forged: MD5 or SHA-1. */
  readonly weakDigests: boolean;
}

/** Redirects on the way to one file. */
export const redirectsMax = 5;

/** Bytes of `repomd.xml` and of its like, which say what everything else is. */
export const indexBytesMax = 16_777_216;

/** Files at a time where the importer says nothing. */
export const defaultDownloads = 4;

/** Between two attempts, in milliseconds: the first wait, and the longest. */
export const firstWaitMilliseconds = 500;
export const longestWaitMilliseconds = 30_000;
