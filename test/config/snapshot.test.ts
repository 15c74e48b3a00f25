import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  type ConfigurationSources,
  loadConfiguration,
  type RightConfiguration,
} from '../../src/config/load.ts';
import { temporaryDirectory } from '../support/temporary.ts';

async function loadRight(sources: ConfigurationSources): Promise<RightConfiguration> {
  const loaded = await loadConfiguration(sources);
  if ('configuration' in loaded) return loaded;
  throw new Error(JSON.stringify(loaded.problems));
}

/** What reaches another process over a channel of node:child_process. */
function sent<T>(value: T): T {
  return structuredClone(JSON.parse(JSON.stringify(value)));
}

const text = `
log: { level: warn, file: portcullis.log }
application: { module: ./app.ts }
pools:
  content: { listen: { uwsgi: { address: 'unix:run/content.sock' } } }
distributions: [{ relativeUrl: a, root: ../repos/a, access: public }]
`;

describe('loadConfiguration with a snapshot', () => {
  it('loadConfiguration makes the same of its snapshot after the file was edited and removed', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('portcullis.yaml');
    writeFileSync(file, text);
    const sources = {
      file,
      environment: { PORTCULLIS_LOG_LEVEL: 'error', PORTCULLIS_WORKERS: '3' },
      flags: { 'limits-idle-seconds': '7', workers: '5' },
    };
    const { configuration, snapshot, locate } = await loadRight(sources);
    for (const change of [() => writeFileSync(file, 'workers: 0'), () => rmSync(file)]) {
      change();
      const again = await loadRight(sent(snapshot));
      assert.deepEqual(again.configuration, configuration);
      assert.deepEqual(sent(again.snapshot), sent(snapshot));
      for (const at of ['distributions[0].root', 'log.level', 'workers', 'pools.content']) {
        assert.equal(again.locate(at), locate(at));
      }
    }
    assert.equal(configuration.log.level, 'error');
    assert.equal(configuration.limits.idleSeconds, 7);
    assert.equal(configuration.pools[0]?.workers, 5);
  });

  it('loadConfiguration makes the same of its snapshot in another working directory', async () => {
    using one = temporaryDirectory();
    using other = temporaryDirectory();
    writeFileSync(one.file('portcullis.yaml'), text);
    const sources = { environment: {}, flags: { 'log-file': 'x.log' }, workingDirectory: one.path };
    for (const file of ['portcullis.yaml', undefined]) {
      const { configuration, snapshot } = await loadRight({ ...sources, file });
      assert.equal(configuration.baseDirectory, one.path);
      assert.equal(configuration.log.file, one.file('x.log'));
      const before = process.cwd();
      process.chdir(other.path);
      try {
        assert.deepEqual((await loadRight(sent(snapshot))).configuration, configuration);
      } finally {
        process.chdir(before);
      }
    }
  });

  it('loadConfiguration takes no variable into its snapshot but those that are settings', async () => {
    const { snapshot } = await loadRight({
      environment: {
        PATH: '/bin',
        AWS_SECRET_ACCESS_KEY: 'secret',
        PORTCULLIS_CONFIG: '/etc/portcullis/portcullis.yaml',
        PORTCULLIS_SERVICE_HOST: '10.0.0.1',
        PORTCULLIS_LOG_LEVEL: 'debug',
      },
      flags: {},
    });
    assert.deepEqual(snapshot.environment, { PORTCULLIS_LOG_LEVEL: 'debug' });
  });

  it('loadConfiguration tells the mistakes of a text as those of its file', async () => {
    const loaded = await loadConfiguration({
      file: '/nowhere/portcullis.yaml',
      text: 'log:\n  level: loud\n',
      environment: {},
      flags: {},
    });
    assert.ok('problems' in loaded);
    assert.equal(loaded.problems[0]?.at, 'log.level');
    assert.equal(loaded.locate('log.level'), '/nowhere/portcullis.yaml:2:3');
  });
});
