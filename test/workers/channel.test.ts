import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChannelProcess, openChannel } from '../../src/workers/channel.ts';
import type { FromWorker, StartMessage, ToWorker } from '../../src/workers/messages.ts';
import { until } from '../support/processes.ts';
import { quietReport } from './decisions/pool-model.ts';

const start: StartMessage = {
  type: 'start',
  worker: 1,
  pool: 'main',
  sockets: [],
  heartbeatSeconds: 0.02,
  silenceSeconds: 1,
  primary: 1,
  payload: undefined,
};

/** The end of a channel of which the test is the primary: it says when a message is read. */
class TestProcess extends EventEmitter {
  connected = true;
  readonly sent: FromWorker[] = [];
  readonly unread: (() => void)[] = [];
  isReading = true;

  send = (message: FromWorker, read: () => void): boolean => {
    this.sent.push(message);
    if (this.isReading) setImmediate(read);
    else this.unread.push(read);
    return true;
  };

  disconnect(): void {
    this.connected = false;
    setImmediate(() => this.emit('disconnect'));
  }

  say(message: ToWorker): void {
    this.emit('message', message);
  }

  of(type: FromWorker['type']): number {
    return this.sent.filter((message) => message.type === type).length;
  }

  asChannel(): ChannelProcess {
    return this as unknown as ChannelProcess;
  }
}

async function openTestChannel(message: StartMessage = start) {
  const primary = new TestProcess();
  const opening = openChannel(primary.asChannel());
  primary.say(message);
  return { primary, channel: await opening };
}

describe('openChannel', () => {
  test('openChannel() refuses to run without a primary', async () => {
    await assert.rejects(openChannel({ ...process, connected: false }), {
      code: 'USAGE',
      message: 'Cannot run as a worker: no primary started this process',
    });
  });

  test('openChannel() refuses a primary that says nothing in time', async () => {
    await assert.rejects(openChannel(new TestProcess().asChannel(), 20), {
      code: 'USAGE',
      message: 'Cannot run as a worker: the primary did not say what to run',
    });
  });

  test('openChannel() refuses when the primary goes before it has said anything', async () => {
    const primary = new TestProcess();
    const opening = openChannel(primary.asChannel());
    primary.disconnect();
    await assert.rejects(opening, { message: 'Cannot run as a worker: the primary is gone' });
  });

  test('ready() is followed by heartbeats, and an answer at once', async () => {
    const { primary, channel } = await openTestChannel();
    channel.ready(['unix:/x'], '1.2.3', () => quietReport);
    assert.deepEqual(primary.sent[0], { type: 'ready', addresses: ['unix:/x'], version: '1.2.3' });
    await until('three heartbeats', () => primary.of('heartbeat') >= 3);
    channel.close();
    const count = primary.of('heartbeat');
    await sleep(60);
    assert.equal(primary.of('heartbeat'), count);
  });

  test('ready() refuses an interval at which no heartbeat would ever be sent', async () => {
    for (const heartbeatSeconds of [Number.NaN, 0, -1, Infinity, 3_000_000]) {
      const { channel, primary } = await openTestChannel({ ...start, heartbeatSeconds });
      assert.throws(() => channel.ready([], '1.2.3', () => quietReport), {
        code: 'CONFIG_INVALID',
      });
      assert.equal(primary.of('ready'), 0);
    }
  });

  test('ready() sends no heartbeat while the last one is unread', async () => {
    const { primary, channel } = await openTestChannel();
    primary.isReading = false;
    channel.ready([], '1.2.3', () => quietReport);
    await sleep(100);
    primary.say({ type: 'answer' });
    assert.equal(primary.of('heartbeat'), 1);
    primary.isReading = true;
    for (const read of primary.unread) read();
    primary.say({ type: 'answer' });
    assert.equal(primary.of('heartbeat'), 2);
    channel.close();
  });

  test('onDrain(), onReopenLog() and onOrphaned() hear what came before they listened', async () => {
    const { primary, channel } = await openTestChannel();
    primary.say({ type: 'drain' });
    primary.say({ type: 'reopen-log' });
    primary.disconnect();
    await once(primary, 'disconnect');
    const heard: string[] = [];
    channel.onDrain(() => heard.push('drain'));
    channel.onReopenLog(() => heard.push('reopen-log'));
    channel.onOrphaned(() => heard.push('orphaned'));
    assert.deepEqual(heard, ['drain', 'reopen-log', 'orphaned']);
    primary.say({ type: 'reopen-log' });
    assert.equal(heard.at(-1), 'reopen-log');
  });

  test('close() orphans nobody', async () => {
    const { primary, channel } = await openTestChannel();
    channel.onOrphaned(() => assert.fail('nobody is orphaned'));
    channel.close();
    await once(primary, 'disconnect');
    await channel.failed('late words', 1);
    assert.equal(primary.of('failed'), 0);
  });
});
