/** What no front sends: each with the reason for which it is refused. To add a case is to add a line. */

import type { RefusalReason } from '../../src/uwsgi/refusal.ts';
import {
  encodeHeader,
  encodePacket,
  encodeVariables,
  getVariables,
  type VariablePairs,
} from '../support/uwsgi-client.ts';

export interface InvalidPacket {
  readonly name: string;
  readonly bytes: Buffer;
  readonly reason: RefusalReason;
}

/** Refused by the decoder alone. */
export const undecodable: readonly InvalidPacket[] = [
  raw('T71 a packet without variables', 'packet-malformed', encodeHeader(0)),
  ...[1, 5, 9, 10, 17, 18, 22, 23, 31, 48, 72, 99, 101, 110, 173, 200, 224, 255].map((modifier1) =>
    raw(
      `T71 modifier1 ${modifier1}`,
      'modifier-not-served',
      encodePacket(getVariables('/'), { modifier1 }),
    ),
  ),
  raw('a ping with variables', 'packet-malformed', encodeHeader(4, { modifier1: 100 })),
  raw(
    'a ping with modifier2',
    'packet-malformed',
    encodeHeader(0, { modifier1: 100, modifier2: 1 }),
  ),
  ...['GET / HTTP/1.1\r\n\r\n', 'POST / HTTP/1.1\r\n\r\n', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'].map(
    (text) => raw(`HTTP: ${text.slice(0, 4)}`, 'http-on-uwsgi-port', Buffer.from(text)),
  ),
  raw('a TLS ClientHello', 'tls-on-uwsgi-port', Buffer.from('16030102000100', 'hex')),
  block('T71 a name that runs past the end', '0500' + '414243'),
  block('T71 a name that ends the packet', '0100' + '41'),
  block('T71 half a length of a value', '0100' + '41' + '00'),
  block('T71 a value that runs past the end', '0100' + '41' + '0300' + '4142'),
  block('T71 a length of 65535', '0100' + '41' + 'ffff' + '41'),
  block('one stray byte after the last variable', '0100' + '41' + '0100' + '42' + '00'),
  block('two stray bytes that are half a name', '0100' + '41' + '0100' + '42' + '0100'),
  block('an empty name', '0000' + '0100' + '42'),
  block('T71 a packet of nothing but empty names', '00000000'.repeat(16_383)),
  pairs('a NUL in a name', [['HTTP_X\0Y', '1']], 'packet-malformed'),
  pairs('a line feed in a name', [['HTTP_X\nSSL_CLIENT_VERIFY', '1']], 'packet-malformed'),
  pairs('a space in a name', [['HTTP X', '1']], 'packet-malformed'),
  pairs('a byte over 127 in a name', [['HTTP_\xc3\xa9', '1']], 'packet-malformed'),
  twice('SSL_CLIENT_VERIFY', 'NONE', 'SUCCESS'),
  twice('SSL_CLIENT_CERT', 'one', 'two'),
  twice('REMOTE_ADDR', '10.0.0.1', '127.0.0.1'),
  twice('REMOTE_ADDR', '10.0.0.1', ''),
  twice('REMOTE_USER', '', 'admin'),
  twice('PATH_INFO', '/public', '/secret'),
  twice('REQUEST_URI', '/public', '/secret'),
  twice('CONTENT_LENGTH', '0', '5'),
  twice('HTTPS', 'off', 'on'),
  twice('HTTP_HOST', 'one.test', 'two.test'),
  twice('HTTP_AUTHORIZATION', 'Basic YTph', 'Basic Yjpi'),
  twice('HTTP_AUTHORIZATION', 'Basic YTph', 'Basic YTph'),
  twice('HTTP_PROXY_AUTHORIZATION', 'a', 'b'),
  twice('HTTP_CONTENT_LENGTH', '1', '2'),
  twice('HTTP_TRANSFER_ENCODING', 'chunked', 'chunked'),
  twice('HTTP_X_CLIENT_CERT', 'a', 'b'),
  twice('HTTP_SSL_CLIENT_CERT', 'a', 'b'),
  twice('HTTP_X_FORWARDED_TLS_CLIENT_CERT', 'a', 'b'),
  twice('HTTP_X_SSL_CLIENT_VERIFY', 'NONE', 'SUCCESS'),
  twice('HTTP_REMOTE_USER', 'a', 'b'),
];

/** Well-formed packets that are no requests. */
export const unreadable: readonly InvalidPacket[] = [
  request('no method', [['REQUEST_METHOD', '']], 'request-malformed'),
  request('a method with a space', [['REQUEST_METHOD', 'GET /']], 'request-malformed'),
  request('a method of 33 characters', [['REQUEST_METHOD', 'A'.repeat(33)]], 'request-malformed'),
  request('an unknown protocol', [['SERVER_PROTOCOL', 'SIP/2.0']], 'request-malformed'),
  request(
    'a protocol with a line end',
    [['SERVER_PROTOCOL', 'HTTP/1.1\r\nX: y']],
    'request-malformed',
  ),
  request(
    'no target',
    [
      ['REQUEST_URI', ''],
      ['PATH_INFO', ''],
    ],
    'request-malformed',
  ),
  request('a target without a slash', [['REQUEST_URI', 'a/b']], 'request-malformed'),
  request('a target with a space', [['REQUEST_URI', '/a b']], 'request-malformed'),
  request('a target with a NUL', [['REQUEST_URI', '/a\0']], 'request-malformed'),
  request('a target with a line end', [['REQUEST_URI', '/a\r\nX: y']], 'request-malformed'),
  request('a target with DEL', [['REQUEST_URI', '/a\x7f']], 'request-malformed'),
  request('an asterisk for GET', [['REQUEST_URI', '*']], 'request-malformed'),
  request('an authority as target', [['REQUEST_URI', 'host:443']], 'request-malformed'),
  request('T34 a target of 64 kB', [['REQUEST_URI', `/${'a/'.repeat(32_000)}`]], 'uri-too-long'),
  request('T73 a line end in a header', [['HTTP_X_A', 'b\r\nX-C: d']], 'request-malformed'),
  request('T73 a NUL in a header', [['HTTP_X_A', 'b\0']], 'request-malformed'),
  request('T73 a line end in CONTENT_TYPE', [['CONTENT_TYPE', 'a\nb']], 'request-malformed'),
  request('T73 a NUL in CONTENT_LENGTH', [['CONTENT_LENGTH', '5\0']], 'request-malformed'),
  request('a header without a name', [['HTTP_', '1']], 'request-malformed'),
  request('a header name that is no token', [['HTTP_X(Y', '1']], 'request-malformed'),
  request(
    'T02 two spellings of one header',
    [
      ['HTTP_X_CLIENT', 'a'],
      ['HTTP_X-CLIENT', 'b'],
    ],
    'request-malformed',
  ),
  request(
    'T02 two cases of one header',
    [
      ['HTTP_AUTHORIZATION', 'a'],
      ['HTTP_Authorization', 'b'],
    ],
    'request-malformed',
  ),
  ...['-1', '+1', '0x10', '1,1', '1, 1', ' 1', '1 ', '1e3', 'abc', '1'.repeat(16)].map((length) =>
    request(
      `T70 a CONTENT_LENGTH of ${JSON.stringify(length)}`,
      [['CONTENT_LENGTH', length]],
      'body-malformed',
    ),
  ),
  request('a body over its limit', [['CONTENT_LENGTH', '1048577']], 'body-too-large'),
  ...['gzip', 'gzip, chunked', 'chunked, identity', 'x'].map((coding) =>
    request(
      `T70 a transfer coding of "${coding}"`,
      [['HTTP_TRANSFER_ENCODING', coding]],
      'body-malformed',
    ),
  ),
  raw(
    'T70 a body without CONTENT_LENGTH',
    'body-malformed',
    Buffer.concat([encodePacket(getVariables('/')), Buffer.from('body')]),
  ),
  raw(
    'T70 a body longer than CONTENT_LENGTH',
    'body-malformed',
    Buffer.concat([
      encodePacket(getVariables('/', [['CONTENT_LENGTH', '3']])),
      Buffer.from('body'),
    ]),
  ),
  raw(
    'T70 a second packet behind the first',
    'body-malformed',
    Buffer.concat([encodePacket(getVariables('/public')), encodePacket(getVariables('/secret'))]),
  ),
];

function raw(name: string, reason: RefusalReason, bytes: Buffer): InvalidPacket {
  return { name, reason, bytes };
}

function block(name: string, hex: string): InvalidPacket {
  const bytes = Buffer.from(hex, 'hex');
  return raw(name, 'packet-malformed', Buffer.concat([encodeHeader(bytes.length), bytes]));
}

function pairs(name: string, more: VariablePairs, reason: RefusalReason): InvalidPacket {
  const bytes = encodeVariables([...getVariables('/'), ...more]);
  return raw(name, reason, Buffer.concat([encodeHeader(bytes.length), bytes]));
}

function twice(name: string, first: string, second: string): InvalidPacket {
  const without = getVariables('/').filter(([present]) => present !== name);
  const bytes = encodePacket([...without, [name, first], [name, second]]);
  return raw(`T03 ${name} as "${first}" and "${second}"`, 'variable-repeated', bytes);
}

function request(name: string, more: VariablePairs, reason: RefusalReason): InvalidPacket {
  return raw(name, reason, encodePacket(getVariables('/', more)));
}
