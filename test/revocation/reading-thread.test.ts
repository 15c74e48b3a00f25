import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createListReader } from '../../src/revocation/reading-thread.ts';
import { SerialTable } from '../../src/revocation/serial-table.ts';
import { type Credential, createPki } from '../support/pki.ts';
import { hugeList, makeList, spreadSerial } from './list-maker.ts';

/** Entries of the list that must not be felt. */
const entries = 1_000_000;

/**
 * Processor time of the main thread meanwhile, milliseconds. No one delay is longer; and it does not
 * depend, as delays do, on what else the machine does.
 */
const mainThreadMsMax = 250;

const pki = createPki();
const now = Date.now() / 1000;
let authority: Credential;
let small: Uint8Array;
let huge: Uint8Array;

before(async () => {
  authority = await pki.authority();
  small = await makeList(authority);
  huge = hugeList(authority, small, spreadSerial, entries);
});
after(() => pki[Symbol.dispose]());

function reading(list: Uint8Array) {
  return { source: new Uint8Array(list), authorities: [authority.der], now };
}

describe('createListReader', () => {
  it('T15 reads a million entries without holding up the event loop', async (context) => {
    await using reader = createListReader();
    const given = reading(huge);
    const start = process.threadCpuUsage();
    const read = await reader.read(given);
    const { user, system } = process.threadCpuUsage(start);
    const mainThreadMs = (user + system) / 1000;
    assert.ok('lists' in read, 'problem' in read ? read.problem : '');
    const [list] = read.lists;
    assert.ok(list !== undefined);
    const table = new SerialTable(list.entries);
    assert.equal(table.size, entries);
    for (const index of [0, 1, 499_999, 999_999]) {
      const serial = spreadSerial(index).toString('hex').replace(/^0+/, '');
      assert.notEqual(table.find(serial), undefined, serial);
    }
    const absent = spreadSerial(entries).toString('hex').replace(/^0+/, '');
    assert.equal(table.find(absent), undefined);
    context.diagnostic(`the main thread worked for ${mainThreadMs.toFixed(1)} ms`);
    assert.ok(mainThreadMs < mainThreadMsMax, `${mainThreadMs} ms`);
  });

  it('createListReader reads one after the other, each in its turn', async () => {
    await using reader = createListReader();
    const reads = await Promise.all(
      [small, small.subarray(1), small].map((one) => reader.read(reading(one))),
    );
    assert.deepEqual(
      reads.map((read) => 'lists' in read),
      [true, false, true],
    );
  });

  it('T15 gives up a list that takes too long, and reads the next', async () => {
    await using reader = createListReader(0.001);
    const read = await reader.read(reading(huge));
    assert.ok('problem' in read);
    assert.equal(read.problem, 'it could not be read within 0.001 s');
  });

  it('createListReader ends at once, whatever it reads', async () => {
    const reader = createListReader();
    const reads = [reader.read(reading(huge)), reader.read(reading(huge))];
    await sleep(1);
    await reader[Symbol.asyncDispose]();
    for (const read of await Promise.all(reads)) assert.ok('problem' in read);
  });
});
