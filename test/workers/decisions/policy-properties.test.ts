import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { WorkerReport } from '../../../src/workers/messages.ts';
import type { InstancePlan } from '../../../src/workers/plan.ts';
import { type Behaviour, PoolModel, planOf, quietReport, wellBehaved } from './pool-model.ts';

type Step =
  | { readonly type: 'advance'; readonly seconds: number }
  | { readonly type: 'reload' | 'resize'; readonly plan: InstancePlan }
  | { readonly type: 'die'; readonly which: number }
  | { readonly type: 'behave'; readonly which: number; readonly behaviour: Behaviour }
  | { readonly type: 'newcomers'; readonly behaviour: Behaviour };

const plan: fc.Arbitrary<InstancePlan> = fc
  .record({
    pools: fc.dictionary(fc.constantFrom('main', 'blog', 'api'), fc.integer({ min: 1, max: 4 }), {
      minKeys: 1,
      maxKeys: 3,
    }),
    requests: fc.constantFrom(0, 1000),
    ageSeconds: fc.constantFrom(0, 40),
    memoryBytes: fc.constantFrom(0, 200_000_000),
    memoryBytesMax: fc.constantFrom(0, 400_000_000),
  })
  .map(({ pools, memoryBytesMax, ...limits }) =>
    planOf(pools, { recycle: { ...limits, jitter: 0.2 }, memoryBytesMax }),
  );

const report: fc.Arbitrary<WorkerReport> = fc
  .record({
    requests: fc.constantFrom(0, 900, 1300),
    rssBytes: fc.constantFrom(50_000_000, 230_000_000, 450_000_000),
    waited: fc.constantFrom(0, 0, 61_000, 70_000),
  })
  .map(({ waited, ...rest }) => ({
    ...quietReport,
    ...rest,
    oldestRequest: waited > 0 ? { method: 'GET', path: '/', milliseconds: waited } : undefined,
  }));

const behaviour: fc.Arbitrary<Behaviour> = fc.record({
  bootMs: fc.constantFrom(undefined, 200, 300, 2000),
  diesAtBoot: fc.constantFrom(false, false, true),
  drainMs: fc.constantFrom(undefined, 100, 5000),
  ignoresAbort: fc.boolean(),
  isAlive: fc.constantFrom(true, true, false),
  report,
});

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ type: fc.constant('advance'), seconds: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ type: fc.constantFrom('reload', 'resize'), plan }),
  fc.record({ type: fc.constant('die'), which: fc.nat() }),
  fc.record({ type: fc.constant('behave'), which: fc.nat(), behaviour }),
  fc.record({ type: fc.constant('newcomers'), behaviour }),
);

/** The invariants are checked by the model after everything that happens. */
function run(first: InstancePlan, steps: readonly Step[], random: readonly number[]): PoolModel {
  const model = new PoolModel(first);
  let draws = 0;
  model.random = () => random[draws++ % random.length] ?? 0;
  for (const one of steps) take(model, one);
  return model;
}

function take(model: PoolModel, one: Step): void {
  const ids = [...model.processes.keys()];
  const pick = (which: number): number => ids[which % ids.length] ?? 0;
  if (one.type === 'advance') model.advance(one.seconds);
  else if (one.type === 'die') model.die(pick(one.which));
  else if (one.type === 'behave') model.behave(pick(one.which), one.behaviour);
  else if (one.type === 'newcomers') model.nextBehaviour = () => one.behaviour;
  // The primary makes one change at a time, and none once it stops.
  else if (model.state.reload === undefined && model.state.stop === undefined) model.change(one);
}

const world = [
  plan,
  fc.array(step, { maxLength: 25 }),
  fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 1 }),
] as const;

/** Longer than any chain of limits: boot, silence, answer, abort, drain, back-off, for each slot. */
const longSeconds = 400;

describe('nextAction', () => {
  test('nextAction() drains nobody without a successor, recycles one at a time, and keeps processes few', () => {
    fc.assert(
      fc.property(...world, (first, steps, random) => void run(first, steps, random)),
      { numRuns: 300 },
    );
  });

  test('nextAction() makes a pool whole again when its workers behave', () => {
    fc.assert(
      fc.property(...world, (first, steps, random) => {
        const model = run(first, steps, random);
        if (model.state.stop !== undefined) return;
        model.nextBehaviour = () => wellBehaved;
        for (const id of model.processes.keys()) model.behave(id, { ...wellBehaved, bootMs: 0 });
        if (model.state.reload === undefined) {
          model.change({ type: 'resize', plan: planOf({ main: 3, blog: 1 }) });
        }
        model.advance(longSeconds);
        if (model.state.stop !== undefined) return;
        // Workers of a plan that recycles by age are replaced all the time.
        const isSteady = model.state.workers.every(({ limits }) => limits.ageMs === Infinity);
        assert.ok(!isSteady || model.isWhole, JSON.stringify(model.state.workers));
        assert.equal(model.state.reload, undefined, 'every reload ends');
      }),
      { numRuns: 100 },
    );
  });

  test('nextAction() ends every process after a stop, whatever the processes do', () => {
    fc.assert(
      fc.property(...world, fc.constantFrom('drain', 'interrupt'), (first, steps, random, how) => {
        const model = run(first, steps, random);
        model.change({ type: 'stop', how });
        for (const id of model.processes.keys()) {
          model.behave(id, { drainMs: undefined, ignoresAbort: true, isAlive: false });
        }
        model.advance(how === 'drain' ? 30 + 2 + 3 + 2 : 6);
        assert.equal(model.processes.size, 0);
        assert.equal(model.of('spawn').length, model.state.births);
      }),
      { numRuns: 200 },
    );
  });
});
