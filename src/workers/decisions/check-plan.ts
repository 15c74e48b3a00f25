/** What a plan has to be before anything of it is run. */

import { PortcullisError } from '../../errors.ts';
import { requireTimerSeconds } from '../interval.ts';
import type { InstancePlan, Supervision } from '../plan.ts';

/** The most workers of one pool: every one is a process with a memory of its own. */
export const workersPerPoolMax = 1024;

/** @throws PortcullisError CONFIG_INVALID for the first thing that no primary could run by */
export function checkPlan({ pools, supervision }: InstancePlan): void {
  const names = new Set(pools.map(({ name }) => name));
  demand('pools', pools.length, pools.length > 0, 'at least one');
  demand('pools', pools.length, names.size === pools.length, 'of different names');
  for (const { name, workers } of pools) {
    const isCount = Number.isInteger(workers) && workers >= 1 && workers <= workersPerPoolMax;
    demand(`workers of pool ${name}`, workers, isCount, `from 1 to ${workersPerPoolMax}`);
  }
  checkSupervision(supervision);
}

/** Times for which a timer of the primary or of a worker waits. */
const times = [
  'heartbeatSeconds',
  'silenceSeconds',
  'answerSeconds',
  'abortSeconds',
  'bootSeconds',
  'requestSeconds',
  'backOffSeconds',
  'backOffSecondsMax',
] as const satisfies readonly (keyof Supervision)[];

function checkSupervision(supervision: Supervision): void {
  for (const name of times) requireTimerSeconds(`supervision.${name}`, supervision[name]);
  const { bootAttemptsMax, recycle, memoryBytesMax, silenceSeconds, heartbeatSeconds } =
    supervision;
  demand(
    'supervision.silenceSeconds',
    silenceSeconds,
    silenceSeconds > heartbeatSeconds,
    'longer than supervision.heartbeatSeconds',
  );
  const isCount = Number.isInteger(bootAttemptsMax) && bootAttemptsMax >= 1;
  demand('supervision.bootAttemptsMax', bootAttemptsMax, isCount, 'a number from 1');
  const { jitter, ...limits } = recycle;
  demand('supervision.recycle.jitter', jitter, jitter >= 0 && jitter <= 1, 'from 0 to 1');
  const { drainSeconds } = supervision;
  for (const [name, limit] of Object.entries({ ...limits, memoryBytesMax, drainSeconds })) {
    demand(`supervision, ${name}`, limit, limit >= 0 && limit < Infinity, 'a number from 0');
  }
}

function demand(name: string, value: number, isRight: boolean, right: string): void {
  if (isRight) return;
  throw new PortcullisError(
    'CONFIG_INVALID',
    `Cannot run the plan: ${name} is ${value}; it has to be ${right}`,
  );
}
