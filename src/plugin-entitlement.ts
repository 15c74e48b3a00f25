/** What an entitlement certificate grants, as rules see it. A part of the authorizer API. */

/** The grants of one certificate. Whether the certificate itself is any good is not said by them. */
export interface Entitlement {
  /**
   * Compares whole segments, byte for byte; a variable (`$basearch`) stands for exactly one.
   *
   * @param path `/`, the distribution's relative URL, and the path in the distribution. What does not
   *   begin with a slash, or is not canonical, is granted by nothing
   */
  find(path: string): EntitlementFinding;
}

export type EntitlementFinding =
  | {
      readonly granted: true;
      /** The path that grants, as `/content/dist/$releasever/os`, for people: a long one is cut. */
      readonly by: string;
      /**
       * How many segments of the asked path fill it: all below them is granted as well. Undefined when
       * the asked path alone is.
       */
      readonly coveredSegments: number | undefined;
    }
  /** `reason` is a clause for the operator, as "it grants nothing at all". */
  | { readonly granted: false; readonly reason: string };
