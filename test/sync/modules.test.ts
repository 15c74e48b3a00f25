import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { moduleBytesMax } from '../../src/repository-types/rpm/modulemd.ts';
import { readModules } from '../../src/sync/modules.ts';

async function read(text: string | Buffer, size = 7) {
  const bytes = Buffer.from(text);
  const chunks = async function* () {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };
  return Array.fromAsync(readModules(chunks(), 'acme'));
}

describe('readModules', () => {
  it('takes documents apart, and passes over what is no unit', async () => {
    const text =
      '---\ndocument: modulemd\ndata: é\n...\n---\ndocument: modulemd-translations\n---\n' +
      'document: "modulemd-defaults"\r\ndata: 2';
    assert.deepEqual(await read(text), [
      {
        ...{ kind: 'document', type: 'modulemd', unitKey: {} },
        text: '---\ndocument: modulemd\ndata: é\n...\n',
      },
      {
        ...{ kind: 'document', type: 'modulemd_defaults', unitKey: { repo_id: 'acme' } },
        text: '---\ndocument: "modulemd-defaults"\r\ndata: 2\n...\n',
      },
    ]);
  });

  it('has a bound for one document, however long its lines are', async () => {
    const head = 'document: modulemd\n';
    const fill = (bytes: number) => `${head}${'x'.repeat(bytes - head.length - 1)}`;
    assert.equal((await read(fill(moduleBytesMax), 65_536)).length, 1);
    await assert.rejects(read(fill(moduleBytesMax + 1), 65_536), /is over 524288 bytes$/);
    const lines = `${head}${'x\n'.repeat(moduleBytesMax / 2)}`;
    await assert.rejects(read(lines, 65_536), /is over 524288 bytes$/);
    await assert.rejects(read('x'.repeat(2 * moduleBytesMax), 65_536), /a line of it is over/);
    await assert.rejects(read(Buffer.from([0xc3, 0x28])), /not in UTF-8/);
  });
});
