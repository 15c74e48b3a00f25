/** Settles what the rules that let a client in charge for a delivery, before any of it is sent. */

import { messageOf } from '../errors.ts';
import type { ChargedDelivery } from '../plugin.ts';
import type { Denial, Fault, PendingCharge } from './decision.ts';
import { type Asker, isPromiseLike, withTimeLimit } from './policy.ts';

/** @returns why nothing may be sent; undefined once all is settled */
export type SettleCharges = (
  charges: readonly PendingCharge[],
  delivery: ChargedDelivery,
  asker?: Asker,
) => Promise<Denial | Fault | undefined>;

/**
 * One after the other, in the order in which the rules stand, and none after one that refuses: what
 * was settled before it stays so. Whatever goes wrong in a plugin is a fault, and never settled (T60).
 */
export function createSettleCharges(timeLimitMs: number): SettleCharges {
  return async (charges, delivery, asker) => {
    for (const charge of charges) {
      const refusal = await settle(charge, delivery, timeLimitMs, asker);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  };
}

async function settle(
  charge: PendingCharge,
  delivery: ChargedDelivery,
  timeLimitMs: number,
  asker: Asker | undefined,
): Promise<Denial | Fault | undefined> {
  const controller = new AbortController();
  try {
    const answer = charge.settle(delivery, controller.signal);
    const settled = isPromiseLike(answer)
      ? await withTimeLimit(answer, timeLimitMs, controller, asker)
      : answer;
    return readSettlement(settled, charge.rule);
  } catch (error) {
    return faultIn(charge.rule, messageOf(error));
  }
}

function readSettlement(settled: unknown, rule: string): Denial | Fault | undefined {
  const { outcome, reason }: Readonly<Record<string, unknown>> = Object(settled);
  if (outcome === 'settled') return undefined;
  if (outcome !== 'refused' || typeof reason !== 'string' || reason === '') {
    return faultIn(rule, 'its answer is no settlement');
  }
  return { outcome: 'deny', reason, challenges: [], retryAfterSeconds: undefined };
}

function faultIn(rule: string, reason: string): Fault {
  return { outcome: 'fault', reason: `rule ${rule} could not settle its charge: ${reason}` };
}
