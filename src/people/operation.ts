/** What may be done with a resource. */

/** In the order of Pulp 2, whose documents hold their places in it, from 0. */
export const operations = ['CREATE', 'READ', 'UPDATE', 'DELETE', 'EXECUTE'] as const;

export type Operation = (typeof operations)[number];

/** The operation of this name, in any case, as the API takes it; undefined for everything else. */
export function readOperation(raw: unknown): Operation | undefined {
  if (typeof raw !== 'string') return undefined;
  return operations.find((operation) => operation === raw.toUpperCase());
}

/** The operation that a document of Pulp 2 means by a number; undefined for everything else. */
export function operationOfNumber(raw: unknown): Operation | undefined {
  return typeof raw === 'number' ? operations[raw] : undefined;
}

/** Each of `some` once, in the order of {@link operations}: the one spelling of a set of them. */
export function orderOperations(some: Iterable<Operation>): readonly Operation[] {
  const present = new Set(some);
  return operations.filter((operation) => present.has(operation));
}
