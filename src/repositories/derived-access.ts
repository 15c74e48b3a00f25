/** Who may read what a distributor publishes, as far as its configuration says it. */

/**
 * The policy of a distribution whose distributor names a CA: entitlement certificates of that CA, and the
 * registered consumers that are bound to the repository. It protects with or without an `auth_cert`.
 *
 * @param authCa PEM text of the CAs; undefined where the distributor names none
 * @returns a policy tree as JSON, for {@link DistributionDocument.access}; null where it says nothing
 */
export function derivedAccess(authCa: string | undefined, repository: string): string | null {
  if (authCa === undefined) return null;
  return JSON.stringify({
    any: [{ entitlement: { caPem: authCa } }, { consumer: { repository } }],
  });
}
