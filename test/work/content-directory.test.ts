import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLogger } from '../../src/log.ts';
import { ContentDirectory, type DirectoryPart } from '../../src/work/content-directory.ts';
import { createControlPlane } from '../../src/work/control-plane.ts';
import { until } from '../support/processes.ts';
import { configurationOf } from '../support/stored-people.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const nothing: ReadonlySet<DirectoryPart> = new Set();
const people: ReadonlySet<DirectoryPart> = new Set(['people']);

interface Given extends AsyncDisposable {
  readonly directory: ContentDirectory;
  readonly lines: readonly string[];
  /** Makes the store, as a process does that may write. */
  makeStore(): Promise<void>;
}

async function start(): Promise<Given> {
  const opened = new AsyncDisposableStack();
  const place = opened.use(temporaryDirectory());
  const configuration = await configurationOf({ store: { file: place.file('store.db') } });
  const controlPlane = opened.use(createControlPlane(configuration, 'read'));
  const lines: string[] = [];
  const log = createLogger({ level: 'warn', write: (line) => lines.push(line) });
  return {
    directory: new ContentDirectory({ configuration, controlPlane, log, opened }),
    lines,
    makeStore: async () => {
      await using writer = createControlPlane(configuration, 'write');
      await (await writer.store()).ping();
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

describe('ContentDirectory', () => {
  it('ContentDirectory changes nothing for rules while nobody has opened it', async () => {
    await using given = await start();
    assert.equal(given.directory.version(people), 0);
    assert.equal(given.directory.present, undefined);
    assert.deepEqual(given.lines, []);
  });

  it('ContentDirectory opens one for all who ask', async () => {
    await using given = await start();
    const [one, other] = await Promise.all([given.directory.open(), given.directory.open()]);
    assert.equal(one, other);
    assert.equal(given.directory.present, one);
  });

  it('ContentDirectory says that nothing counts of a store that is away, and that all else does', async () => {
    await using given = await start();
    const directory = await given.directory.open();
    await until('the store is missed', () => given.lines.length > 0);
    assert.equal(given.directory.version(people), undefined);
    assert.equal(given.directory.version(nothing), 0);
    await assert.rejects(directory.user('ann'), { code: 'STORE_UNAVAILABLE' });
    await given.makeStore();
    await until('it is there', () => given.directory.version(people) !== undefined);
    assert.equal(await directory.user('ann'), undefined);
  });
});
