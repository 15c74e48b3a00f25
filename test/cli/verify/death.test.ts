import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { publicationsCollection } from '../../../src/repositories/documents.ts';
import { everything } from '../../../src/stores/filter.ts';
import { sha256Of } from '../../storage/opened.ts';
import { churnBytes } from './churn-bytes.ts';
import { VerifyFixture } from './fixture.ts';

const program = new URL('churn.ts', import.meta.url).pathname;
const deaths = 100;
const atOnce = 4;

/** What processes said that they have done, and nobody has begun to undo. */
class Acknowledged {
  /** The content and the size of uploads by their ids. */
  readonly uploads = new Map<string, { readonly index: number; readonly size: number }>();
  readonly publications = new Set<string>();

  hear(line: string): void {
    const [what, id = '', index, size] = line.split(' ');
    if (what === 'written') this.uploads.set(id, { index: Number(index), size: Number(size) });
    if (what === 'published') this.publications.add(id);
    if (what === 'removing') {
      this.uploads.delete(id);
      this.publications.delete(id);
    }
  }
}

class Churn {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  readonly ended: Promise<unknown>;

  constructor(fixture: VerifyFixture, seed: number, acknowledged: Acknowledged) {
    const args = [program, fixture.storeFile, fixture.storage.directory, String(seed)];
    // Most of a start is compiling: it is kept by one that ends by itself.
    const env = { NODE_COMPILE_CACHE: fixture.compileCache };
    this.child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdout } = this.child;
    assert.ok(stdout !== null);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ready = promise;
    const lines = createInterface({ input: stdout });
    lines.on('line', (line) => {
      if (line === 'ready') resolve();
      else acknowledged.hear(line);
    });
    this.ended = Promise.all([once(this.child, 'exit'), once(lines, 'close')]);
  }
}

describe('the storage and the store', () => {
  it(`T80 agree after ${deaths} processes were killed at random points, and nothing acknowledged is lost`, async () => {
    await using fixture = await VerifyFixture.open();
    await fixture.store.ping();
    const acknowledged = new Acknowledged();
    const first = new Churn(fixture, 0, acknowledged);
    first.child.stdin?.end();
    await first.ended;
    for (let killed = 0; killed < deaths; killed += atOnce) {
      await Promise.all(
        Array.from({ length: atOnce }, async (_, index) => {
          const churn = new Churn(fixture, killed + index + 1, acknowledged);
          await Promise.race([churn.ready, churn.ended]);
          await sleep(Math.random() * 250);
          churn.child.kill('SIGKILL');
          await churn.ended;
          assert.equal(churn.child.signalCode, 'SIGKILL');
        }),
      );
    }
    await sweep(fixture);
    assert.deepEqual((await fixture.verify()).findings, []);
    assert.ok(acknowledged.uploads.size > 0 && acknowledged.publications.size > 0);
    for (const id of acknowledged.publications) {
      assert.ok(existsSync(fixture.storage.publications.directoryOf(id)), id);
    }
    await checkUploads(fixture, acknowledged);
  });

  it('agree while several processes keep, publish and remove the same few contents at once', async () => {
    await using fixture = await VerifyFixture.open();
    await fixture.store.ping();
    const churns = [1, 2, 3].map((seed) => new Churn(fixture, seed, new Acknowledged()));
    await Promise.all(churns.map(({ ready, ended }) => Promise.race([ready, ended])));
    await sleep(1500);
    for (const { child } of churns) child.stdin?.end();
    await Promise.all(churns.map(({ ended }) => ended));
    for (const { child } of churns) assert.equal(child.exitCode, 0);
    assert.deepEqual((await fixture.verify()).findings, []);
  });
});

/** What task workers do at their start. */
async function sweep({ storage, store, units, publications }: VerifyFixture): Promise<void> {
  const isReferred = (sha256: string) => units.isArtifactReferred(sha256);
  await storage.sweep(isReferred);
  for (const unit of await units.stalePending(new Date(Date.now() + 1000))) {
    if (unit.artifact === null) continue;
    const { sha256 } = unit.artifact;
    if ((await units.removeOrphan(unit)) === 'removed') {
      await storage.artifacts.removeUnless(sha256, () => isReferred(sha256));
    }
  }
  for await (const sha256 of storage.artifacts.list()) {
    if (!(await isReferred(sha256))) {
      await storage.artifacts.removeUnless(sha256, () => isReferred(sha256));
    }
  }
  for (const { _id, state } of await store.find(publicationsCollection, { filter: everything })) {
    if (state === 'complete') continue;
    await publications.removing(_id);
    await storage.publications.remove(_id);
    await publications.removed(_id);
  }
  for await (const id of storage.publications.list()) {
    if ((await publications.byId(id)) === undefined) await storage.publications.remove(id);
  }
  const records = new Set(
    (await store.find('uploads', { filter: everything })).map(({ _id }) => _id),
  );
  for await (const id of storage.uploads.list()) {
    if (!records.has(id)) await storage.uploads.remove(id);
  }
}

/** Each has at least what was acknowledged, with the bytes that were sent. */
async function checkUploads({ storage }: VerifyFixture, { uploads }: Acknowledged): Promise<void> {
  for (const [id, { index, size }] of uploads) {
    const file = await storage.uploads.seal(id, new AbortController().signal);
    assert.ok(file !== undefined && file.size >= size, id);
    assert.equal(file.sha256, sha256Of(churnBytes(index).subarray(0, file.size)));
  }
}
