import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { Given } from '../../src/admin/command.ts';
import {
  type ConfigOptions,
  configFileBytesMax,
  configOf,
} from '../../src/admin/families/config-options.ts';
import { csvBytesMax, erratumUpload } from '../../src/admin/families/erratum-upload.ts';
import { PortcullisError } from '../../src/errors.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const directory = temporaryDirectory();
after(() => directory[Symbol.dispose]());

function file(name: string, text: string): string {
  writeFileSync(directory.file(name), text);
  return directory.file(name);
}

const options: ConfigOptions = {
  title: { key: 't', kind: 'text', text: 'x' },
  flag: { key: 'f', kind: 'flag', text: 'x' },
  count: { key: 'n', kind: 'number', text: 'x' },
  names: { key: 'l', kind: 'names', text: 'x' },
  key: { key: 'k', kind: 'file', text: 'x' },
};

function read(given: Readonly<Record<string, string>>) {
  const values = new Map(Object.entries(given).map(([name, text]) => [name, [text]]));
  return configOf(options, new Given(values), ['rpm']);
}

async function refusalOf(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof PortcullisError);
  return `${error.code} ${error.message}`;
}

describe('configOf', () => {
  it('configOf gives what is said in its kind, and null for what shall go', async () => {
    const key = file('key', 'PEM\n');
    const said = { title: 'a=b', flag: 'False', count: '0', names: 'a, b', key };
    const config = { t: 'a=b', f: false, n: 0, l: ['a', 'b'], k: 'PEM\n' };
    assert.deepEqual(await read(said), config);
    assert.deepEqual(await read({}), {});
    const nothing = Object.fromEntries(Object.keys(options).map((name) => [name, '']));
    assert.deepEqual(await read(nothing), { t: null, f: null, n: null, l: null, k: null });
  });

  it('configOf refuses what is of another kind, by the name of the option', async () => {
    for (const flag of ['yes', '1', ' true']) {
      assert.match(await refusalOf(read({ flag })), /^USAGE .*--flag .*: expected true or false/);
    }
    for (const count of ['-1', '1.5', '1e3', '1'.repeat(16)]) {
      assert.match(await refusalOf(read({ count })), /^USAGE .*--count .*a whole number/);
    }
  });

  it('configOf takes a file of the longest size, and refuses one byte more', async () => {
    const config = await read({ key: file('longest', 'x'.repeat(configFileBytesMax)) });
    assert.equal(String(config.k).length, configFileBytesMax);
    const longer = file('longer', 'x'.repeat(configFileBytesMax + 1));
    const refusal = await refusalOf(read({ key: longer }));
    assert.match(refusal, /^FILE_UNREADABLE Cannot read --key .*longer than 262144 bytes/);
  });
});

describe('erratumUpload', () => {
  const line = 'gate,1.0,1,0,noarch,gate.rpm,sha256,00,gate.src.rpm\n';

  function packagesOf(name: string, text: string) {
    const names = ['erratum-id', 'release', 'from', 'title'];
    const values = new Map(names.map((each) => [each, ['x']]));
    return erratumUpload.read(new Given(values.set('pkglist-csv', [file(name, text)])), ['rpm']);
  }

  it('erratumUpload takes lists of the longest size, and refuses one byte more', async () => {
    const { unitMetadata } = await packagesOf('longest.csv', line.padEnd(csvBytesMax, '\n'));
    const [collection] = unitMetadata.pkglist as { packages: unknown[] }[];
    assert.equal(collection?.packages.length, 1);
    const longer = packagesOf('longer.csv', line.padEnd(csvBytesMax + 1, '\n'));
    assert.match(await refusalOf(longer), /^FILE_UNREADABLE .*longer than 1048576 bytes/);
  });

  it('erratumUpload names the line that is wrong', async () => {
    const wrong = packagesOf('wrong.csv', `${line}\n${line}gate,1.0\n`);
    assert.match(await refusalOf(wrong), /^USAGE .*--pkglist-csv: expected 9 values in line 4/);
  });
});
