/** What a publish came to, as tasks and the history have it in Pulp's words. */

import type { Distributor, JsonObject } from '../repositories/documents.ts';
import type { PublishEntry } from '../repositories/history.ts';
import type { PublishStep } from '../repository-types/repository-type.ts';

/** The sentence that Pulp's clients look for. */
const skippedSentence = 'Skipped: Repository content has not changed since last publish.';

export interface PublishReport {
  readonly result: 'success' | 'skipped' | 'failed';
  readonly summary: JsonObject | string;
  readonly details: readonly JsonObject[];
  readonly error_message: string | null;
}

export function succeeded(steps: readonly PublishStep[]): PublishReport {
  const states = steps.map(({ step_type: type, state }): [string, string] => [type, state]);
  return {
    result: 'success',
    summary: Object.fromEntries(states),
    details: steps.map((step) => ({ ...step })),
    error_message: null,
  };
}

export const skipped: PublishReport = {
  result: 'skipped',
  summary: skippedSentence,
  details: [],
  error_message: null,
};

export function failed(message: string, steps: readonly PublishStep[]): PublishReport {
  return { ...succeeded(steps), result: 'failed', error_message: message };
}

/** A publish as it is kept. */
export function publishEntry(
  repository: string,
  { id, distributor_type_id }: Pick<Distributor, 'id' | 'distributor_type_id'>,
  report: PublishReport,
  times: { readonly started: Date; readonly completed: Date },
): PublishEntry {
  return {
    repo_id: repository,
    distributor_id: id,
    distributor_type_id,
    ...times,
    ...report,
    exception: null,
    traceback: null,
  };
}
