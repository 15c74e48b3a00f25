/** Entries of the decision log, for tests. */

import { type DecisionEntry, type DecisionFields, entryOf } from '../../src/audit/entry.ts';

export const someFields: DecisionFields = {
  requestId: 'r-1',
  method: 'GET',
  path: '/pulp/repos/acme/el9/file',
  distribution: 'acme/el9',
  outcome: 'allow',
  status: 200,
  code: undefined,
  reason: undefined,
  rule: 'password',
  principal: 'user:ann',
  subject: undefined,
  address: '10.20.0.7',
  secure: undefined,
  user: 'ann',
  remoteUser: undefined,
  certificate: undefined,
  unlogged: ['password'],
  remembered: undefined,
  delivery: 'complete',
  bytes: 7,
  handedOver: undefined,
  chargedBytes: undefined,
  publication: undefined,
  milliseconds: 1,
};

/** When the tests of the decision log are, milliseconds since 1970. */
export const epoch = Date.UTC(2026, 10, 21, 12);

/** @param at milliseconds after {@link epoch} */
export function decision(at: number, fields: Partial<DecisionFields> = {}): DecisionEntry {
  const all = { ...someFields, requestId: `r-${at}`, ...fields };
  return entryOf(all, all.path, new Date(epoch + at));
}
