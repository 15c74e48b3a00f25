import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  addressesMax,
  createMessageBudget,
  messagesPerSecondMax,
  parseFromVassal,
} from '../../src/emperor/hear-vassal.ts';
import { createLineReader } from '../../src/emperor/lines.ts';
import { reasonCharactersMax } from '../../src/emperor/messages.ts';
import { checkEmperorSettings, defaultEmperorSettings } from '../../src/emperor/settings.ts';
import { openVassalChannel } from '../../src/emperor/vassal-channel.ts';
import { vassalEnvironment } from '../../src/emperor/vassal-environment.ts';
import {
  followOutput,
  outputBytesPerSecondMax,
  outputLineBytesMax,
} from '../../src/emperor/vassal-output.ts';
import { until } from '../support/processes.ts';

describe('emperor channel', () => {
  it('emperor channel gives lines however they are cut, and of a longer one nothing', () => {
    const text = 'one\n\ntwö\nlong!\nfour\nrest';
    for (let size = 1; size <= text.length; size += 1) {
      let tooLong = 0;
      const reader = createLineReader(4, () => {
        tooLong += 1;
      });
      const bytes = Buffer.from(text);
      const lines: string[] = [];
      for (let start = 0; start < bytes.length; start += size) {
        lines.push(...reader.read(bytes.subarray(start, start + size)));
      }
      assert.deepEqual([lines, tooLong], [['one', '', 'twö', 'four'], 1]);
    }
  });

  it('emperor channel reads each message of a vassal, cut to its limits', () => {
    const read = (message: unknown) => parseFromVassal(JSON.stringify(message));
    const addresses = [...Array.from({ length: addressesMax + 1 }, () => 'x'.repeat(300)), 5];
    const ready = read({ type: 'ready', addresses, stopSeconds: 1 });
    assert.ok(ready?.type === 'ready');
    assert.deepEqual([ready.addresses.length, ready.addresses[0]?.length], [addressesMax, 256]);
    const reason = 'x'.repeat(reasonCharactersMax + 1);
    const failed = read({ type: 'failed', reason });
    assert.ok(failed?.type === 'failed');
    assert.equal(failed.reason.length, reasonCharactersMax);
    assert.deepEqual(read({ type: 'reloaded', id: 3 }), { type: 'reloaded', id: 3 });
  });

  for (const line of [
    '',
    'null',
    '[]',
    '{"type":"other"}',
    '{"type":"ready","addresses":[]}',
    '{"type":"ready","addresses":[],"stopSeconds":-1}',
    '{"type":"ready","addresses":"x","stopSeconds":1}',
    '{"type":"reloaded","id":"1"}',
    '{"type":"reloaded","id":1e400}',
  ]) {
    it(`emperor channel takes ${JSON.stringify(line)} for no message`, () => {
      assert.equal(parseFromVassal(line), undefined);
    });
  }

  it('emperor channel has a budget of messages for each second', () => {
    const isWithin = createMessageBudget();
    for (let each = 0; each < messagesPerSecondMax; each += 1) assert.ok(isWithin(each));
    assert.equal(isWithin(999), false);
    assert.equal(isWithin(1000), true);
  });

  it('emperor channel is refused where there is no emperor', async () => {
    await assert.rejects(openVassalChannel, /^PortcullisError: Cannot run as a vassal: /);
  });
});

describe('emperor output', () => {
  it('emperor output lets a vassal wait that writes more than its share', async () => {
    const output = new PassThrough();
    let bytes = 0;
    followOutput(output, (line) => {
      bytes += line.length + 1;
    });
    const line = `${'x'.repeat(outputLineBytesMax)}\n`;
    const lines = Math.ceil(outputBytesPerSecondMax / line.length);
    for (let each = 0; each < 2 * lines; each += 1) output.write(line);
    await sleep(200);
    assert.equal(bytes, lines * line.length);
    await until('the rest is read', () => bytes === 2 * lines * line.length);
    output.destroy();
  });

  it('emperor output leaves out what is too long', async () => {
    const output = new PassThrough();
    const lines: string[] = [];
    followOutput(output, (line) => lines.push(line));
    output.end(`${'x'.repeat(outputLineBytesMax + 1)}\nshort\n`);
    await until('all is read', () => lines.length === 2);
    assert.deepEqual(lines, ['[a line that is too long]', 'short']);
  });
});

describe('emperor settings', () => {
  for (const some of [
    { scanSeconds: 0 },
    { settleSeconds: Number.NaN },
    { throttleSecondsMax: Number.POSITIVE_INFINITY },
    { startSeconds: 2_147_484 },
    { startsMax: 0 },
    { vassalsMax: 1.5 },
  ]) {
    it(`emperor settings refuse ${JSON.stringify(some)}: such a timer or count is a silent nothing`, () => {
      assert.throws(() => checkEmperorSettings({ ...defaultEmperorSettings, ...some }));
    });
  }

  it('emperor settings take their own defaults', () => {
    checkEmperorSettings(defaultEmperorSettings);
  });

  it('emperor settings pass an owner no variable but the harmless (T92)', () => {
    const all = {
      PATH: '/bin',
      LC_ALL: 'C',
      TZ: 'UTC',
      HOME: '/root',
      TOKEN: 'x',
      NODE_OPTIONS: '',
    };
    assert.deepEqual(Object.keys(vassalEnvironment(all, true)), ['PATH', 'LC_ALL', 'TZ']);
    assert.deepEqual(vassalEnvironment({ ...all, PORTCULLIS_X: '1' }, false), all);
  });
});
