/** Has a yum repository that is signed, so that programs run whose directories are left when they are killed. */

import assert from 'node:assert/strict';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { sha256Of } from '../storage/opened.ts';
import { rpmPackage } from '../support/rpm-packages.ts';
import type { Actor, Random } from './crash-actors.ts';
import { importFile, tasksOf, untilServed } from './crash-calls.ts';
import type { CrashSite } from './crash-site.ts';

const id = 'packages';

export class YumActor implements Actor {
  readonly #site: CrashSite;
  readonly #random: Random;
  readonly #versions = new Map<string, Buffer>();

  constructor(site: CrashSite, random: Random) {
    this.#site = site;
    this.#random = random;
  }

  async begin(): Promise<void> {
    const reply = await this.#site.call('POST', '/v2/repositories/', {
      ...{ id, importer_type_id: 'yum_importer' },
      distributors: [
        {
          ...{ distributor_id: 'yum', distributor_type_id: 'yum_distributor' },
          distributor_config: { relative_url: id, http: true, https: true },
        },
      ],
    });
    assert.ok([201, 409].includes(reply.status), JSON.stringify(reply));
  }

  async act(): Promise<void> {
    const version = `${1 + this.#random(3)}.0`;
    if (this.#versions.has(version)) await this.#remove(version);
    else await this.#add(version);
    await this.#publish();
  }

  async #add(version: string): Promise<void> {
    const bytes = await rpmPackage({ version });
    await importFile(this.#site, id, { type: 'rpm', key: {} }, bytes);
    this.#versions.set(version, bytes);
  }

  async #remove(version: string): Promise<void> {
    const criteria = { filters: { unit: { version } } };
    const path = `/v2/repositories/${id}/actions/unassociate/`;
    const [task] = await tasksOf(this.#site, 'POST', path, { criteria });
    assert.equal(task.state, 'finished', JSON.stringify(task));
    this.#versions.delete(version);
  }

  async #publish(): Promise<void> {
    const path = `/v2/repositories/${id}/actions/publish/`;
    const [task] = await tasksOf(this.#site, 'POST', path, { id: 'yum' });
    assert.equal(task.state, 'finished', JSON.stringify(task));
    await untilServed(() => this.#expectServed());
  }

  /** What a client sees: metadata that is signed and whole, and the packages that it names. */
  async #expectServed(): Promise<void> {
    const repomd = (await this.#get('repodata/repomd.xml')).toString();
    await this.#get('repodata/repomd.xml.asc');
    const [, href = ''] = /href="([^"]*primary\.xml[^"]*)"/.exec(repomd) ?? [];
    const packed = await this.#get(href);
    const primary = href.endsWith('.gz') ? gunzipSync(packed) : zstdDecompressSync(packed);
    const found: string[] = [];
    for (const [, name = ''] of primary.toString().matchAll(/<location href="([^"]*)"/g)) {
      found.push(sha256Of(await this.#get(name)));
    }
    const expected = [...this.#versions.values()].map(sha256Of);
    assert.deepEqual(found.sort(), expected.sort());
  }

  async #get(name: string): Promise<Buffer> {
    const served = await this.#site.get(`/pulp/repos/${id}/${name}`);
    assert.ok(served !== undefined, `${name} is not served`);
    return served;
  }
}
