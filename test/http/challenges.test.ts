import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PortcullisError } from '../../src/errors.ts';
import { createChallenger } from '../../src/http/challenges.ts';
import type { Challenge } from '../../src/plugin.ts';

describe('createChallenger', () => {
  const basic = 'Basic realm="Acme", charset="UTF-8"';
  const table: readonly (readonly [wanted: readonly Challenge[], headers: readonly string[]])[] = [
    [['basic'], [basic]],
    [['bearer'], ['Bearer realm="Acme"']],
    [['invalid-token'], ['Bearer realm="Acme", error="invalid_token"']],
    [
      ['bearer', 'basic'],
      [basic, 'Bearer realm="Acme"'],
    ],
    [
      ['bearer', 'invalid-token', 'basic'],
      [basic, 'Bearer realm="Acme", error="invalid_token"'],
    ],
  ];
  for (const [wanted, headers] of table) {
    it(`asks for ${wanted.join(' and ')}`, () => {
      assert.deepEqual(createChallenger('Acme')(wanted), headers);
    });
  }

  it('quotes the realm', () => {
    const [header] = createChallenger('a "b" \\c')(['basic']);
    assert.equal(header, 'Basic realm="a \\"b\\" \\\\c", charset="UTF-8"');
  });

  it('T73 refuses a realm that no header can carry', () => {
    for (const realm of ['a\r\nSet-Cookie: x', 'a\0', 'é', '\x7f']) {
      assert.throws(
        () => createChallenger(realm),
        (error) => error instanceof PortcullisError && error.code === 'CONFIG_INVALID',
      );
    }
  });
});
