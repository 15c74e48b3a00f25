/** Uploads one after the other, and the imports at the end: the server imports while the next is sent. */

import type { Context } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Shown } from '../present/output.ts';
import type { Fields } from '../untrusted.ts';
import type { Tracker } from './trackers.ts';
import type { Uploader } from './uploader.ts';

/** What became of a file. */
export interface UploadOutcome {
  readonly file: string;
  readonly state: 'imported' | 'accepted' | 'present' | 'failed';
  readonly upload_id: string | null;
  /** As they ended. */
  readonly tasks: readonly Fields[];
  readonly failure?: Failure;
}

export interface WantedUpload {
  readonly file: string;
  readonly begin: () => Promise<Tracker | Failure>;
}

/** @param options isWaiting: whether the imports are waited for */
export async function uploadAll(
  uploader: Uploader,
  wanted: readonly WantedUpload[],
  { isWaiting }: { readonly isWaiting: boolean },
): Promise<readonly UploadOutcome[]> {
  const sent: (readonly [file: string, tracker: Tracker | Failure])[] = [];
  for (const { file, begin } of wanted) {
    const tracker = await begin();
    const result = tracker instanceof Failure ? tracker : await uploader.send(tracker);
    sent.push([file, result]);
    // What is wrong with the server or with who calls is wrong for the next as well.
    if (result instanceof Failure && !isOfFile(result)) break;
  }
  const outcomes: UploadOutcome[] = [];
  for (const [file, tracker] of sent) {
    if (tracker instanceof Failure) outcomes.push(failed(file, null, tracker));
    else outcomes.push(await conclude(uploader, tracker, isWaiting));
  }
  return outcomes;
}

async function conclude(
  uploader: Uploader,
  tracker: Tracker,
  isWaiting: boolean,
): Promise<UploadOutcome> {
  const { file, upload_id, tasks = [] } = tracker;
  if (!isWaiting) {
    await uploader.forget(tracker);
    return { file, state: 'accepted', upload_id, tasks: tasks.map((id) => ({ task_id: id })) };
  }
  const ended = await uploader.finish(tracker);
  if (ended instanceof Failure) return failed(file, upload_id, ended);
  return { file, state: 'imported', upload_id, tasks: ended };
}

function failed(file: string, upload: string | null, failure: Failure): UploadOutcome {
  return { file, state: 'failed', upload_id: upload, tasks: [], failure };
}

function isOfFile({ exitCode }: Failure): boolean {
  return exitCode === exitCodes.noInput || exitCode === exitCodes.data;
}

const states: Readonly<Record<UploadOutcome['state'], string>> = {
  imported: 'uploaded and imported',
  accepted: 'uploaded; the server imports it',
  present: 'in the repository already',
  failed: 'failed',
};

/** @param count of the files that were to be uploaded */
export function tellOutcomes(
  { output }: Pick<Context, 'output'>,
  outcomes: readonly UploadOutcome[],
  count: number,
): Failure | undefined {
  const table = [
    { title: 'FILE', cells: outcomes.map(({ file }) => file) },
    { title: 'STATE', cells: outcomes.map(({ state }) => states[state]) },
  ];
  const shown: Shown = { title: 'Uploads', none: 'None.', content: { table } };
  output.show(
    shown,
    outcomes.map(({ failure: _, ...outcome }) => outcome),
  );
  const failures = outcomes.flatMap(({ file, failure }) => (failure ? [{ file, failure }] : []));
  const [first] = failures;
  if (first === undefined) return undefined;
  if (count === 1) return first.failure;
  const { title, exitCode } = first.failure;
  const untried = count - outcomes.length;
  return new Failure({
    title,
    lines: [
      ...failures.map(({ file, failure }) => `${file}: ${failure.lines.join(' ')}`),
      ...(untried === 0 ? [] : [`${untried} more were not tried.`]),
    ],
    exitCode,
  });
}
