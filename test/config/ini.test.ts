import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseIni } from '../../src/config/ini.ts';

describe('parseIni', () => {
  it('parseIni reads sections, both kinds of signs, comments, and values that go on', () => {
    const text = `\ufeff# comment\r
[ server ]
host = a.example ; of the test
port: 8443
 ; comment
ca_path=/etc/a;b.pem
; comment
[output]
Wrap: one
  two
empty:
rubbish
`;
    assert.deepEqual(parseIni(text), {
      entries: [
        { section: 'server', key: 'host', value: 'a.example', line: 3 },
        { section: 'server', key: 'port', value: '8443', line: 4 },
        { section: 'server', key: 'ca_path', value: '/etc/a;b.pem', line: 6 },
        { section: 'output', key: 'wrap', value: 'one\ntwo', line: 9 },
        { section: 'output', key: 'empty', value: '', line: 11 },
      ],
      oddLines: [12],
    });
  });
});
