/** How far a publish is, in the steps that Pulp's clients show. */

import type { PublishStep } from './repository-type.ts';

export interface StepName {
  /** As `rpms`. */
  readonly type: string;
  /** As `Publishing RPMs`. */
  readonly description: string;
}

type State = Pick<PublishStep, 'state' | 'items_total' | 'num_processed'>;

export class PublishSteps {
  readonly #names: readonly StepName[];
  readonly #states = new Map<string, State>();
  readonly #report: (steps: readonly PublishStep[]) => void;

  constructor(names: readonly StepName[], report: (steps: readonly PublishStep[]) => void) {
    this.#names = names;
    this.#report = report;
  }

  /** Does `work` as the step `type`; it is told of each item by the function that it gets. */
  async run<T>(type: string, total: number, work: (done: () => void) => Promise<T>): Promise<T> {
    let processed = 0;
    const change = (state: PublishStep['state']): void => {
      const items = Math.max(total, processed);
      this.#states.set(type, { state, items_total: items, num_processed: processed });
      this.#report(this.list());
    };
    change('IN_PROGRESS');
    try {
      const result = await work(() => {
        processed += 1;
        if (processed % reportItems === 0) change('IN_PROGRESS');
      });
      change('FINISHED');
      return result;
    } catch (error) {
      change('FAILED');
      throw error;
    }
  }

  skip(type: string): void {
    this.#states.set(type, { state: 'SKIPPED', items_total: 0, num_processed: 0 });
    this.#report(this.list());
  }

  list(): readonly PublishStep[] {
    return this.#names.map(({ type, description }) => {
      const state = this.#states.get(type) ?? notStarted;
      return {
        step_id: type,
        step_type: type,
        description,
        ...state,
        num_success: state.num_processed,
        num_failures: state.state === 'FAILED' ? 1 : 0,
        error_details: [],
        details: '',
        sub_steps: [],
      };
    });
  }
}

/** Items between two reports. */
const reportItems = 100;

const notStarted: State = { state: 'NOT_STARTED', items_total: 0, num_processed: 0 };
