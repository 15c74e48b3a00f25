/**
 * Operators of repositories who hold what was acknowledged against what is there: each has repositories that
 * nobody else changes, with files of few contents that others have as well, and units that nobody has are
 * removed meanwhile.
 */

import assert from 'node:assert/strict';
import { sha256Of } from '../storage/opened.ts';
import { ended, expectFinished, importFile, tasksOf, untilServed } from './crash-calls.ts';
import type { CrashReply } from './crash-client.ts';
import type { CrashSite } from './crash-site.ts';

export type Random = (below: number) => number;

/** Whoever does something again and again, and may be asked to pause between two things. */
export interface Actor {
  act(): Promise<void>;
}

/** Has two repositories of files, the second of which is made and deleted again and again. */
export class FileActor implements Actor {
  readonly #site: CrashSite;
  readonly #random: Random;
  readonly #name: string;
  /** The bytes by their names. */
  readonly #files = new Map<string, Buffer>();
  #copies: ReadonlyMap<string, Buffer> | undefined;

  constructor(site: CrashSite, name: string, random: Random) {
    this.#site = site;
    this.#name = name;
    this.#random = random;
  }

  async begin(): Promise<void> {
    await createFileRepository(this.#site, this.#name);
  }

  async act(): Promise<void> {
    const acts = [
      () => this.#add(),
      () => this.#add(),
      () => this.#remove(),
      () => this.#publish(this.#name, this.#files),
      () => this.#copy(),
      () => this.#delete(),
    ];
    await acts[this.#random(acts.length)]?.();
  }

  /** A name that is there has other bytes then. */
  async #add(): Promise<void> {
    const name = `file-${this.#random(4)}`;
    const bytes = Buffer.alloc(30_000, `content ${this.#random(5)} `);
    await importFile(this.#site, this.#name, { type: 'iso', key: { name } }, bytes);
    this.#files.set(name, bytes);
    await this.#expectUnits(this.#name, this.#files);
  }

  async #remove(): Promise<void> {
    const name = `file-${this.#random(4)}`;
    const criteria = { type_ids: ['iso'], filters: { unit: { name } } };
    const path = `/v2/repositories/${this.#name}/actions/unassociate/`;
    expectFinished(await tasksOf(this.#site, 'POST', path, { criteria }));
    this.#files.delete(name);
    await this.#expectUnits(this.#name, this.#files);
  }

  async #copy(): Promise<void> {
    const other = `${this.#name}-copy`;
    if (this.#copies === undefined) await createFileRepository(this.#site, other);
    const path = `/v2/repositories/${other}/actions/associate/`;
    expectFinished(await tasksOf(this.#site, 'POST', path, { source_repo_id: this.#name }));
    this.#copies = new Map([...(this.#copies ?? []), ...this.#files]);
    await this.#expectUnits(other, this.#copies);
    await this.#publish(other, this.#copies);
  }

  /** From then on nothing of it is served. */
  async #delete(): Promise<void> {
    if (this.#copies === undefined) return;
    const path = `/v2/repositories/${this.#name}-copy/`;
    const reply = await this.#site.call('DELETE', path);
    // One whose answer was lost has deleted it.
    if (reply.status !== 404) {
      assert.equal(reply.status, 202, JSON.stringify(reply.body));
      const [{ task_id: id }] = reply.body.spawned_tasks;
      const task = await ended(this.#site, id);
      const isDoneBefore = task.state === 'error' && task.error.code === 'PLP0009';
      assert.ok(isDoneBefore || task.state === 'finished', JSON.stringify(task));
    }
    this.#copies = undefined;
    assert.equal((await this.#site.call('GET', path)).status, 404);
    const manifest = `/pulp/isos/${this.#name}-copy/PULP_MANIFEST`;
    await untilServed(async () => assert.equal(await this.#site.get(manifest), undefined));
  }

  async #publish(repository: string, files: ReadonlyMap<string, Buffer>): Promise<void> {
    const path = `/v2/repositories/${repository}/actions/publish/`;
    expectFinished(await tasksOf(this.#site, 'POST', path, { id: 'iso_distributor' }));
    const lines = [...files].map(([name, bytes]) => `${name},${sha256Of(bytes)},${bytes.length}\n`);
    await untilServed(async () => {
      const manifest = await this.#site.get(`/pulp/isos/${repository}/PULP_MANIFEST`);
      assert.equal(manifest?.toString(), lines.sort().join(''));
    });
    for (const [name, bytes] of files) {
      const served = await this.#site.get(`/pulp/isos/${repository}/${name}`);
      assert.equal(served && sha256Of(served), sha256Of(bytes), `${repository}/${name}`);
    }
  }

  async #expectUnits(repository: string, files: ReadonlyMap<string, Buffer>): Promise<void> {
    const path = `/v2/repositories/${repository}/`;
    const units = await this.#site.ok('POST', `${path}search/units/`, { criteria: {} });
    const found = units.map(({ metadata }: CrashReply['body']) => [
      ...[metadata.name, metadata.checksum],
    ]);
    const expected = [...files].map(([name, bytes]) => [name, sha256Of(bytes)]);
    assert.deepEqual(found.sort(), expected.sort(), repository);
    const { content_unit_counts: counts } = await this.#site.ok('GET', path);
    assert.deepEqual(counts, files.size === 0 ? {} : { iso: files.size });
  }
}

/** Removes units that no repository has. */
export class OrphanActor implements Actor {
  readonly #site: CrashSite;

  constructor(site: CrashSite) {
    this.#site = site;
  }

  async act(): Promise<void> {
    expectFinished(await tasksOf(this.#site, 'DELETE', '/v2/content/orphans/'));
  }
}

async function createFileRepository(site: CrashSite, id: string): Promise<void> {
  const reply = await site.call('POST', '/v2/repositories/', {
    ...{ id, importer_type_id: 'iso_importer' },
    distributors: [
      {
        ...{ distributor_id: 'iso_distributor', distributor_type_id: 'iso_distributor' },
        distributor_config: { serve_http: true, serve_https: true },
      },
    ],
  });
  // One whose answer was lost has made it.
  assert.ok([201, 409].includes(reply.status), JSON.stringify(reply));
}
