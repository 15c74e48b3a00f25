/** Every packet captured from the real nginx means what it should, however it is cut. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createBodyDecoder } from '../../src/uwsgi/body.ts';
import { readHead } from '../../src/uwsgi/head.ts';
import { findMount } from '../../src/uwsgi/mount.ts';
import { decode, decodeRequest, fixtures, oneByteAtATime } from './support.ts';

suite('packets of nginx 1.22', () => {
  for (const { name, bytes, expected } of fixtures) {
    test(`readHead() reads ${name}`, () => {
      const { variables: expectedVariables, ...request } = expected;
      const { modifier1, variables, rest } = decodeRequest(bytes);
      const head = readHead(variables, 16_384);
      const body = createBodyDecoder(variables, 1_048_576);
      const pieces = body.push(rest);
      assert.ok(body.complete);
      assert.deepEqual(
        {
          modifier1,
          method: head.method,
          url: head.url,
          httpVersion: `${head.httpVersionMajor}.${head.httpVersionMinor}`,
          headers: head.headers,
          ...findMount(variables),
          body: Buffer.concat(pieces).toString('latin1'),
        },
        request,
      );
      for (const [variable, value] of Object.entries(expectedVariables)) {
        assert.equal(variables.get(variable) || null, value, variable);
      }
    });

    test(`PacketDecoder reads ${name} one byte at a time`, () => {
      assert.deepEqual(decode(oneByteAtATime(bytes)), decodeRequest(bytes));
    });

    test(`PacketDecoder reads ${name} at every split`, () => {
      const whole = decodeRequest(bytes);
      for (let at = 1; at < bytes.length; at += 1) {
        const parts = [bytes.subarray(0, at), bytes.subarray(at)];
        assert.deepEqual(decode(parts), whole, `split at ${at}`);
      }
    });
  }
});
