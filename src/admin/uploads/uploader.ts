/** Brings files to the server and has them imported; what was broken off goes on where it was. */

import path from 'node:path';
import type { Context } from '../command.ts';
import { Failure } from '../failure.ts';
import type { Progress } from '../present/progress.ts';
import { followTasks } from '../server/follow-tasks.ts';
import { sizeText } from '../server/task-steps.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../untrusted.ts';
import type { ChosenFile } from './chosen-files.ts';
import { sendFile } from './send-file.ts';
import { type Tracker, Trackers } from './trackers.ts';

/** What a file is to become. */
export interface PlannedUnit {
  readonly repository: string;
  readonly typeId: string;
  readonly unitKey: Fields;
  readonly unitMetadata: Fields;
}

export class Uploader {
  readonly #call: Context['call'];
  readonly #output: Context['output'];
  readonly #trackers: Trackers;
  readonly #server: string;
  readonly #chunkBytes: number;
  readonly #progress: Progress;

  constructor({ call, output, settings }: Context) {
    this.#call = call;
    this.#output = output;
    this.#trackers = new Trackers(settings.uploadDirectory);
    this.#server = `${settings.host}:${settings.port}`;
    this.#chunkBytes = settings.uploadChunkBytes;
    this.#progress = output.progress();
  }

  /** Uploads under way whose units are of one of `types`. */
  async underWay(types: readonly string[]): Promise<readonly Tracker[] | Failure> {
    const all = await this.#trackers.ofServer(this.#server);
    if (all instanceof Failure) return all;
    return all.filter(({ unit_type_id: type }) => types.includes(type));
  }

  /** An upload without bytes, which is remembered. */
  async begin({ file, size, modified }: ChosenFile, unit: PlannedUnit): Promise<Tracker | Failure> {
    const answer = await this.#call({ method: 'POST', path: ['content', 'uploads'], body: {} });
    if (answer instanceof Failure) return answer;
    const tracker: Tracker = {
      server: this.#server,
      upload_id: textOf(fieldsOf(answer.body).upload_id),
      repository: unit.repository,
      unit_type_id: unit.typeId,
      unit_key: { ...unit.unitKey },
      unit_metadata: { ...unit.unitMetadata },
      ...{ file, size, modified },
    };
    return (await this.#trackers.keep(tracker)) ?? tracker;
  }

  /**
   * Sends what the server has not yet, and asks for the import, unless that was done before.
   *
   * @returns the tracker with the tasks of the import
   */
  async send(tracker: Tracker): Promise<Tracker | Failure> {
    if (await this.#isImporting(tracker)) return tracker;
    const failure = await this.#sendBytes(tracker);
    if (failure?.kind !== 'missing') return failure ?? this.#beginImport(tracker);
    // The server gives up what nobody goes on with.
    const again = await this.begin(tracker, plannedOf(tracker));
    if (again instanceof Failure) return again;
    await this.#trackers.forget(tracker);
    return (await this.#sendBytes(again)) ?? this.#beginImport(again);
  }

  /** Waits for the import. One that failed may be tried again by a resume. */
  async finish(tracker: Tracker): Promise<readonly Fields[] | Failure> {
    const report = { spawned_tasks: listOf(tracker.tasks).map((id) => ({ task_id: id })) };
    const followed = await followTasks({ call: this.#call, output: this.#output }, report, {
      isOneOfMany: true,
    });
    if (!(followed instanceof Failure)) {
      const gone = await this.giveUp(tracker);
      return gone ?? followed.tasks;
    }
    const { tasks: _, ...untried } = tracker;
    return (await this.#trackers.keep(untried)) ?? followed;
  }

  /** At the server as well. */
  async giveUp(tracker: Tracker): Promise<Failure | undefined> {
    const path = ['content', 'uploads', tracker.upload_id];
    const answer = await this.#call({ method: 'DELETE', path });
    if (answer instanceof Failure && answer.kind !== 'missing') return answer;
    await this.forget(tracker);
    return undefined;
  }

  /** Here alone: the server goes on with the import. */
  async forget(tracker: Tracker): Promise<void> {
    await this.#trackers.forget(tracker);
  }

  /** How many bytes the server has; undefined where it has no such upload. */
  async sizeOf({ upload_id: id }: Tracker): Promise<number | undefined | Failure> {
    const answer = await this.#call({ method: 'GET', path: ['content', 'uploads', id] });
    if (answer instanceof Failure) return answer.kind === 'missing' ? undefined : answer;
    const { size } = fieldsOf(answer.body);
    return typeof size === 'number' ? size : undefined;
  }

  /** `word` says what is done with the file, as `Uploading`. */
  show(word: string, { file, size }: Pick<ChosenFile, 'file' | 'size'>, done: number): void {
    const name = `${word} ${path.basename(file)}`;
    const text = `${sizeText(done)} of ${sizeText(size)}`;
    this.#progress.show([{ name, done: size === 0 ? 1 : done, total: Math.max(1, size), text }]);
  }

  endShow(): void {
    this.#progress.end();
  }

  async #sendBytes(tracker: Tracker): Promise<Failure | undefined> {
    const chunkBytes = this.#chunkBytes;
    const onSent = (bytes: number): void => this.show('Uploading', tracker, bytes);
    const failure = await sendFile(this.#call, tracker, { chunkBytes, onSent });
    this.endShow();
    return failure;
  }

  /** Tasks that the server has removed meanwhile say nothing of the upload. */
  async #isImporting({ tasks = [] }: Tracker): Promise<boolean> {
    const [id] = tasks;
    if (id === undefined) return false;
    const answer = await this.#call({ method: 'GET', path: ['tasks', id] });
    return !(answer instanceof Failure && answer.kind === 'missing');
  }

  async #beginImport(tracker: Tracker): Promise<Tracker | Failure> {
    const answer = await this.#call({
      method: 'POST',
      path: ['repositories', tracker.repository, 'actions', 'import_upload'],
      body: {
        upload_id: tracker.upload_id,
        unit_type_id: tracker.unit_type_id,
        unit_key: tracker.unit_key,
        unit_metadata: tracker.unit_metadata,
        override_config: {},
      },
    });
    if (answer instanceof Failure) return answer;
    const spawned = listOf(fieldsOf(answer.body).spawned_tasks);
    const tasks = spawned.map((task) => textOf(fieldsOf(task).task_id));
    const importing = { ...tracker, tasks };
    return (await this.#trackers.keep(importing)) ?? importing;
  }
}

function plannedOf(tracker: Tracker): PlannedUnit {
  const { repository, unit_type_id: typeId, unit_key: unitKey, unit_metadata: rest } = tracker;
  return { repository, typeId, unitKey, unitMetadata: rest };
}
