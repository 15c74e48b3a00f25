/** What a rule charges for an access, settled at the moment in which a delivery is about to begin. */

import type { Verdict } from '../access/decision.ts';
import type { Asker } from '../access/policy.ts';
import type { SettleCharges } from '../access/settle.ts';
import type { AccessRequest } from '../plugin.ts';
import { refusalOfVerdict } from './decide.ts';
import type { DecisionRecord } from './decision-log.ts';
import type { Settle } from './delivery.ts';

export interface ChargeParts {
  readonly settleCharges: SettleCharges;
  readonly asker: Asker;
  /** Is told what was charged. */
  readonly record: DecisionRecord;
}

/** @returns undefined where the access costs nothing */
export function settlementOf(
  verdict: Verdict,
  request: AccessRequest,
  { settleCharges, asker, record }: ChargeParts,
): Settle | undefined {
  if (verdict.outcome !== 'allow' || verdict.charges === undefined) return undefined;
  const { charges } = verdict;
  return async (bytes) => {
    const refused = await settleCharges(charges, { request, bytes }, asker);
    if (refused !== undefined) return refusalOfVerdict(refused);
    record.chargedBytes = bytes;
    return undefined;
  };
}
