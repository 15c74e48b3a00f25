import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createBodyDecoder } from '../../src/uwsgi/body.ts';
import { type RequestHead, readHead } from '../../src/uwsgi/head.ts';
import { encodePacket, getVariables, type VariablePairs } from '../support/uwsgi-client.ts';
import { unreadable } from './invalid-packets.ts';
import { decodeRequest, isRefusal } from './support.ts';

const uriBytes = 16_384;

suite('readHead()', () => {
  test('readHead() takes method, target, version and headers', () => {
    assert.deepEqual(head('/a?b', [['HTTP_USER_AGENT', 'dnf']]), {
      method: 'GET',
      url: '/a?b',
      httpVersionMajor: 1,
      httpVersionMinor: 1,
      headers: { host: 'localhost', 'user-agent': 'dnf' },
      rawHeaders: ['host', 'localhost', 'user-agent', 'dnf'],
    });
  });

  test('readHead() reads HTTP/2.0 and a protocol without minor version', () => {
    for (const protocol of ['HTTP/2.0', 'HTTP/2']) {
      const { httpVersionMajor, httpVersionMinor } = head('/', [['SERVER_PROTOCOL', protocol]]);
      assert.deepEqual([httpVersionMajor, httpVersionMinor], [2, 0]);
    }
  });

  test('readHead() leaves out headers with an empty value', () => {
    const { headers, rawHeaders } = head('/', [['HTTP_AUTHORIZATION', '']]);
    assert.equal('authorization' in headers, false);
    assert.equal(rawHeaders.includes('authorization'), false);
  });

  test('readHead() gives Set-Cookie as an array, as node:http does', () => {
    assert.deepEqual(head('/', [['HTTP_SET_COOKIE', 'a']]).headers['set-cookie'], ['a']);
  });

  test('readHead() takes length and type from the front, not from the client', () => {
    const { headers } = head('/', [
      ['CONTENT_LENGTH', '3'],
      ['CONTENT_TYPE', 'text/plain'],
      ['HTTP_CONTENT_LENGTH', '999'],
      ['HTTP_CONTENT_TYPE', 'text/html'],
    ]);
    assert.equal(headers['content-length'], '3');
    assert.equal(headers['content-type'], 'text/plain');
    const blanked = head('/', [['HTTP_CONTENT_LENGTH', '999']]);
    assert.equal('content-length' in blanked.headers, false);
  });

  test('readHead() leaves out Transfer-Encoding where the front has removed the framing', () => {
    const coding: VariablePairs = [['HTTP_TRANSFER_ENCODING', 'chunked']];
    assert.equal(head('/', coding).headers['transfer-encoding'], 'chunked');
    const { headers } = head('/', [['CONTENT_LENGTH', '0'], ...coding]);
    assert.equal('transfer-encoding' in headers, false);
  });

  test('T57 readHead() takes headers named as Object.prototype has members for data', () => {
    const { headers } = head('/', [
      ['HTTP_CONSTRUCTOR', 'a'],
      ['HTTP___PROTO__', 'b'],
    ]);
    assert.equal(headers.constructor, 'a');
    assert.equal(headers['--proto--'], 'b');
    assert.equal(Object.getPrototypeOf(headers), Object.prototype);
  });

  test('T34 readHead() takes a target of uriBytes and refuses one byte more', () => {
    const target = `/${'a'.repeat(uriBytes - 1)}`;
    assert.equal(head(target).url, target);
    assert.throws(() => head(`${target}a`), isRefusal('uri-too-long'));
  });

  test('T34 readHead() refuses a target of 64 kB within 5 milliseconds', () => {
    const bytes = encodePacket(getVariables('/', [['REQUEST_URI', `/${'%2e/'.repeat(16_000)}`]]));
    const times = Array.from({ length: 10 }, () => {
      const began = performance.now();
      const { variables } = decodeRequest(bytes);
      assert.throws(() => readHead(variables, uriBytes), isRefusal('uri-too-long'));
      return performance.now() - began;
    });
    // The best of ten: a busy machine may interrupt any one.
    assert.ok(Math.min(...times) < 5, `${Math.min(...times)} ms`);
  });

  test('readHead() takes a method of 32 characters', () => {
    const method = 'M'.repeat(32);
    assert.equal(head('/', [['REQUEST_METHOD', method]]).method, method);
  });

  for (const { name, bytes, reason } of unreadable) {
    test(`readHead() or createBodyDecoder() refuses ${name}`, () => {
      const { variables, rest } = decodeRequest(bytes);
      assert.throws(() => {
        readHead(variables, uriBytes);
        createBodyDecoder(variables, 1_048_576).push(rest);
      }, isRefusal(reason));
    });
  }
});

suite('request target', () => {
  const cases: readonly (readonly [string, VariablePairs, string])[] = [
    ['the raw target', [['REQUEST_URI', '/a%2Fb//../%zz?q=%20']], '/a%2Fb//../%zz?q=%20'],
    ['8-bit bytes as they are', [['REQUEST_URI', '/caf\xc3\xa9']], '/caf\xc3\xa9'],
    ['two slashes at the start as a path', [['REQUEST_URI', '//host/a']], '//host/a'],
    ['absolute form as its path', [['REQUEST_URI', 'http://h:1/a?b']], '/a?b'],
    ['absolute form without a path', [['REQUEST_URI', 'https://h']], '/'],
    ['absolute form with a query alone', [['REQUEST_URI', 'https://h?a']], '/?a'],
    [
      'an asterisk for OPTIONS',
      [
        ['REQUEST_URI', '*'],
        ['REQUEST_METHOD', 'OPTIONS'],
      ],
      '*',
    ],
    [
      'a path escaped again, and the raw query',
      [
        ['REQUEST_URI', ''],
        ['PATH_INFO', '/a b/%?#é\x00\xff'],
        ['QUERY_STRING', 'x=%20'],
      ],
      '/a%20b/%25%3F%23%E9%00%FF?x=%20',
    ],
    [
      'SCRIPT_NAME before PATH_INFO',
      [
        ['REQUEST_URI', ''],
        ['SCRIPT_NAME', '/app'],
        ['PATH_INFO', '/a'],
      ],
      '/app/a',
    ],
    [
      'SCRIPT_NAME once where PATH_INFO has it too',
      [
        ['REQUEST_URI', ''],
        ['SCRIPT_NAME', '/app'],
        ['PATH_INFO', '/app/a'],
      ],
      '/app/a',
    ],
    [
      'SCRIPT_NAME alone',
      [
        ['REQUEST_URI', ''],
        ['SCRIPT_NAME', '/app/x'],
        ['PATH_INFO', ''],
      ],
      '/app/x',
    ],
  ];
  for (const [name, more, url] of cases) {
    test(`readTarget() gives ${name}`, () => {
      assert.equal(head('/', more).url, url);
    });
  }
});

function head(target: string, more: VariablePairs = []): RequestHead {
  return readHead(decodeRequest(encodePacket(getVariables(target, more))).variables, uriBytes);
}
