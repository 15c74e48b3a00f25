import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { PacketDecoder, pong } from '../../src/uwsgi/decoder.ts';
import { UwsgiRefusal } from '../../src/uwsgi/refusal.ts';
import {
  encodeHeader,
  encodePacket,
  getVariables,
  type VariablePairs,
} from '../support/uwsgi-client.ts';
import { undecodable } from './invalid-packets.ts';
import {
  decode,
  decodeRequest,
  defaultDecoderOptions,
  isRefusal,
  oneByteAtATime,
} from './support.ts';

suite('PacketDecoder', () => {
  test('PacketDecoder.push() gives nothing before the last byte of the packet', () => {
    const bytes = encodePacket(getVariables('/a'));
    for (let length = 0; length < bytes.length; length += 1) {
      assert.equal(decode([bytes.subarray(0, length)]), undefined);
    }
    assert.equal(decodeRequest(bytes).variables.get('REQUEST_URI'), '/a');
  });

  test('PacketDecoder.push() leaves what follows the packet', () => {
    const bytes = Buffer.concat([encodePacket(getVariables('/')), Buffer.from('body')]);
    assert.equal(decodeRequest(bytes).rest.toString(), 'body');
  });

  test('PacketDecoder.push() keeps every byte of a value', () => {
    const value = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
    const { variables } = decodeRequest(encodePacket([['SSL_CLIENT_CERT', value]]));
    assert.equal(variables.get('SSL_CLIENT_CERT'), value);
  });

  test('PacketDecoder.push() takes empty values', () => {
    const { variables } = decodeRequest(encodePacket([['QUERY_STRING', '']]));
    assert.equal(variables.get('QUERY_STRING'), '');
  });

  test('PacketDecoder.push() serves modifier1 0 and 30, and what the options add', () => {
    for (const modifier1 of [0, 30]) {
      assert.equal(
        decodeRequest(encodePacket(getVariables('/'), { modifier1 })).modifier1,
        modifier1,
      );
    }
    const perl = encodePacket(getVariables('/'), { modifier1: 5 });
    assert.equal(decodeRequest(perl, { modifiers: new Set([5]) }).modifier1, 5);
  });

  test('PacketDecoder.push() knows a ping, whole and in single bytes', () => {
    const ping = encodeHeader(0, { modifier1: 100 });
    assert.deepEqual(decode([ping]), { type: 'ping' });
    assert.deepEqual(decode(oneByteAtATime(ping)), { type: 'ping' });
    assert.equal(pong.toString('hex'), '64000001');
  });

  for (const { name, bytes, reason } of undecodable) {
    test(`PacketDecoder.push() refuses ${name}`, () => {
      assert.throws(() => decode([bytes]), isRefusal(reason));
      assert.throws(() => decode(oneByteAtATime(bytes)), isRefusal(reason));
    });
  }

  test('PacketDecoder.push() throws the same refusal again, whatever follows', () => {
    const decoder = new PacketDecoder(defaultDecoderOptions);
    const refusals = [encodeHeader(0), encodePacket(getVariables('/'))].map((bytes) => {
      try {
        decoder.push(bytes);
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.ok(refusals[0] instanceof UwsgiRefusal);
    assert.equal(refusals[1], refusals[0]);
  });
});

suite('PacketDecoder limits', () => {
  test('PacketDecoder.push() takes 65,535 bytes of variables, whole and in single bytes', () => {
    const bytes = packetOfSize(65_535);
    assert.equal(bytes.length, 65_539);
    assert.equal(decodeRequest(bytes).variables.get('X')?.length, 65_530);
    assert.equal(decode(oneByteAtATime(bytes))?.type, 'request');
  });

  test('PacketDecoder.push() takes a packet at packetBytes and refuses one byte more', () => {
    assert.equal(decode([packetOfSize(100)], { packetBytes: 100 })?.type, 'request');
    assert.throws(
      () => decode([packetOfSize(101)], { packetBytes: 100 }),
      isRefusal('packet-too-large'),
    );
  });

  test('PacketDecoder.push() names the largest variable of a packet over its limit', () => {
    const variables: VariablePairs = [...getVariables('/'), ['SSL_CLIENT_CERT', 'x'.repeat(900)]];
    assert.throws(() => decode([encodePacket(variables)], { packetBytes: 1000 }), {
      reason: 'packet-too-large',
      status: 431,
      largestVariable: 'SSL_CLIENT_CERT',
      message: /has \d+ bytes, the limit is 1000; the largest variable is SSL_CLIENT_CERT$/,
    });
  });

  test('T34 PacketDecoder.push() blames the target when it is the largest variable', () => {
    const bytes = encodePacket(getVariables(`/${'a'.repeat(900)}`));
    assert.throws(() => decode([bytes], { packetBytes: 1000 }), { status: 414 });
  });

  test('PacketDecoder.push() takes packetVariables variables and refuses one more', () => {
    const many = (count: number): Buffer =>
      encodePacket(Array.from({ length: count }, (_, index) => [`X${index}`, '']));
    assert.equal(decodeRequest(many(1000)).variables.size, 1000);
    assert.throws(() => decode([many(1001)]), isRefusal('too-many-variables'));
  });

  test('PacketDecoder.push() counts repeated variables each time', () => {
    const repeated = (count: number): Buffer => encodePacket(Array(count).fill(['HTTP_X', 'a']));
    assert.equal(decodeRequest(repeated(1000)).variables.size, 1);
    assert.throws(() => decode([repeated(1001)]), isRefusal('too-many-variables'));
  });
});

suite('variables', () => {
  test('T03 addVariable() joins repeated headers', () => {
    const { variables } = decodeRequest(
      encodePacket([
        ['HTTP_ACCEPT', 'text/html'],
        ['HTTP_COOKIE', 'a=1'],
        ['HTTP_ACCEPT', '*/*'],
        ['HTTP_COOKIE', 'b=2'],
      ]),
    );
    assert.equal(variables.get('HTTP_ACCEPT'), 'text/html, */*');
    assert.equal(variables.get('HTTP_COOKIE'), 'a=1; b=2');
  });

  test('addVariable() takes a parameter once that is configured twice', () => {
    const pairs: VariablePairs = [
      ['REMOTE_ADDR', '10.0.0.1'],
      ['HTTP_HOST', 'repo.test'],
    ];
    const { variables } = decodeRequest(encodePacket([...pairs, ...pairs]));
    assert.deepEqual([...variables], pairs);
  });

  test('T57 addVariable() takes names of Object.prototype for data', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'HTTP___PROTO__'];
    const before = Object.getOwnPropertyNames(Object.prototype);
    const { variables } = decodeRequest(
      encodePacket(names.map((name): [string, string] => [name, 'polluted'])),
    );
    for (const name of names) assert.equal(variables.get(name), 'polluted');
    assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), before);
  });
});

/** A packet whose variable block has exactly `size` bytes. */
function packetOfSize(size: number): Buffer {
  return encodePacket([['X', 'v'.repeat(size - 5)]]);
}
