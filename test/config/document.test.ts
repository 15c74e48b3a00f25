import assert from 'node:assert/strict';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { aliasesMax, configurationBytesMax, readDocument } from '../../src/config/document.ts';
import { temporaryDirectory } from '../support/temporary.ts';

async function read(text: string | Buffer): ReturnType<typeof readDocument> {
  using directory = temporaryDirectory();
  writeFileSync(directory.file('c.yaml'), text);
  return await readDocument(directory.file('c.yaml'));
}

async function messageOf(text: string | Buffer): Promise<string> {
  const { problems } = await read(text);
  return problems.map(({ message }) => message).join('\n');
}

describe('readDocument', () => {
  it('readDocument tells line and column of a syntax mistake', async () => {
    assert.match(await messageOf('log:\n  level: [info\n'), /^Cannot read .+c\.yaml:\d+:\d+: /);
  });

  it('readDocument refuses a key that is there twice, and still reads the rest', async () => {
    const { problems, value } = await read('log: {}\nlog: { level: warn }\n');
    assert.match(problems[0]?.message ?? '', /c\.yaml:2:1: Map keys must be unique/);
    assert.notEqual(value, undefined);
  });

  it('readDocument refuses what is not UTF-8', async () => {
    assert.match(await messageOf(Buffer.from([0x61, 0x3a, 0x20, 0xe9, 0x0a])), /not UTF-8 text/);
  });

  it('readDocument refuses a second document, an unknown tag and binary data', async () => {
    assert.match(await messageOf('---\na: 1\n---\nb: 2\n'), /multiple documents/);
    assert.match(await messageOf('a: !env SECRET\n'), /Unresolved tag/);
    assert.match(await messageOf('a: !!binary aGk=\n'), /Unresolved tag/);
  });

  it('readDocument keeps `no` a text, whatever version the file claims', async () => {
    const { value } = await read('%YAML 1.1\n---\na: no\n');
    assert.deepEqual(value, { a: 'no' });
  });

  it('T57 readDocument takes __proto__ as a name among others', async () => {
    const { value } = await read('__proto__: { polluted: true }\n');
    assert.deepEqual(Object.keys(value as object), ['__proto__']);
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });

  it('readDocument refuses aliases that multiply beyond the limit', async () => {
    const levels = Array.from({ length: 9 }, (_, level) =>
      level === 0
        ? 'l0: &l0 [x, x, x, x, x, x, x, x, x]'
        : `l${level}: &l${level} [${Array(9)
            .fill(`*l${level - 1}`)
            .join(', ')}]`,
    );
    assert.match(await messageOf(levels.join('\n')), /alias/i);
  });

  it('readDocument counts aliases up to the limit and no further', async () => {
    const withAliases = (count: number): string => `a: &a x\nb: [${Array(count).fill('*a')}]\n`;
    assert.equal(await messageOf(withAliases(aliasesMax - 1)), '');
    assert.match(await messageOf(withAliases(aliasesMax + 1)), /alias/i);
  });

  it('T83 readDocument refuses what nests without end', async () => {
    assert.notEqual(await messageOf('['.repeat(200_000)), '');
    assert.notEqual(await messageOf('a: &a [*a]\n'), '');
  });

  it('readDocument reads a file of the greatest length and refuses one byte more', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('c.yaml');
    const comment = `#${'x'.repeat(1022)}\n`.repeat(configurationBytesMax / 1024);
    writeFileSync(file, comment);
    assert.deepEqual((await readDocument(file)).problems, []);
    truncateSync(file, configurationBytesMax + 1);
    assert.match(
      (await readDocument(file)).problems[0]?.message ?? '',
      /longer than 16777216 bytes/,
    );
  });

  it('readDocument tells a missing file, a directory and a file used as one', async () => {
    using directory = temporaryDirectory();
    mkdirSync(directory.file('d'));
    writeFileSync(directory.file('f'), '');
    const tell = async (name: string): Promise<string> =>
      (await readDocument(directory.file(name))).problems[0]?.message ?? '';
    assert.match(await tell('none.yaml'), /there is no such file, --config names another$/);
    assert.match(await tell('d'), /it is not a file/);
    assert.match(await tell('f/c.yaml'), /is not a directory$/);
  });

  it('readDocument names the file that holds anything but settings', async () => {
    using directory = temporaryDirectory();
    for (const [text, what] of [
      ['- listen', 'a list'],
      ['listen', '"listen"'],
    ] as const) {
      writeFileSync(directory.file('c.yaml'), text);
      const { problems } = await readDocument(directory.file('c.yaml'));
      const message = `Cannot use ${directory.file('c.yaml')}: it holds ${what}, not a mapping of settings`;
      assert.deepEqual(problems, [{ at: '', message }]);
    }
  });
});
