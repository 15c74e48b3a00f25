/** What an entitlement certificate may cost us, whoever signed it. */

export interface EntitlementLimits {
  /** Bytes of the words of a version 3 payload, inflated (T40). */
  readonly inflatedBytesMax: number;
  /** Words of a version 3 payload. */
  readonly wordsMax: number;
  /** Nodes of a version 3 payload, the root included (T41). */
  readonly nodesMax: number;
  /** Segments of the longest path of a version 3 payload. */
  readonly depthMax: number;
  /** Words that are compared with segments to answer for one path (T44). */
  readonly comparisonsMax: number;
}

/** A usual certificate of 2,500 paths has some 600 words, 3,000 nodes and 12 segments. */
export const entitlementLimits: EntitlementLimits = {
  inflatedBytesMax: 1024 * 1024,
  wordsMax: 16_384,
  nodesMax: 65_536,
  depthMax: 64,
  comparisonsMax: 100_000,
};
