import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '../../../src/log.ts';
import {
  environmentForWorkers,
  serviceManager,
} from '../../../src/workers/host/service-manager.ts';
import { findNotifier } from '../../../src/workers/host/systemd-notify.ts';
import {
  watchdogInterval,
  watchdogIntervalMsMax,
} from '../../../src/workers/host/watchdog-interval.ts';
import { needs } from '../../support/needs.ts';
import { NotifyReceiver } from '../../support/notify-receiver.ts';
import { until } from '../../support/processes.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const skip = needs('systemd-notify', 'python3');
const log = createLogger({ level: 'debug', write: () => {} });

describe('serviceManager()', () => {
  test('serviceManager() says nothing where nobody wants to hear', async () => {
    const manager = serviceManager({ WATCHDOG_USEC: 'nonsense' }, process.pid, log);
    manager.ready('serving');
    using _watchdog = manager.feedWatchdog(() => true);
    await manager.flush();
  });

  test('serviceManager() tells each state, in order, and a status on one line', {
    skip,
  }, async () => {
    using directory = temporaryDirectory();
    await using receiver = await NotifyReceiver.start(directory.file('notify'));
    const manager = serviceManager({ NOTIFY_SOCKET: receiver.socket }, process.pid, log);
    manager.ready('4 workers serve');
    manager.reloading('a new configuration');
    manager.extendTimeout(1.5);
    manager.stopping('mischief\nREADY=1');
    await manager.flush();
    await until('all have arrived', () => receiver.messages.length === 4);
    const [ready, reloading, ...others] = receiver.messages;
    assert.equal(ready, 'READY=1\nSTATUS=4 workers serve');
    const monotonic = /^RELOADING=1\nMONOTONIC_USEC=(\d+)\nSTATUS=a new configuration$/;
    const usec = Number(monotonic.exec(reloading ?? '')?.[1]);
    const nowUsec = Number(process.hrtime.bigint() / 1000n);
    assert.ok(usec > nowUsec - 60_000_000 && usec < nowUsec, reloading);
    assert.deepEqual(others, [
      'EXTEND_TIMEOUT_USEC=1500000',
      'STOPPING=1\nSTATUS=mischief READY=1',
    ]);
  });

  test('serviceManager() reaches a socket in the abstract namespace', { skip }, async () => {
    await using receiver = await NotifyReceiver.start(`@portcullis-test-${process.pid}`);
    const manager = serviceManager({ NOTIFY_SOCKET: receiver.socket }, process.pid, log);
    manager.ready('serving');
    await manager.flush();
    await until('it has arrived', () => receiver.messages.length === 1);
  });

  test('serviceManager() feeds the watchdog only while the workers answer', { skip }, async () => {
    using directory = temporaryDirectory();
    await using receiver = await NotifyReceiver.start(directory.file('notify'));
    const environment = { NOTIFY_SOCKET: receiver.socket, WATCHDOG_USEC: '100000' };
    const manager = serviceManager(environment, process.pid, log);
    let isHealthy = true;
    using _watchdog = manager.feedWatchdog(() => isHealthy);
    await until('it is fed', () => receiver.messages.includes('WATCHDOG=1'));
    isHealthy = false;
    await manager.flush();
    await sleep(100);
    const fed = receiver.messages.length;
    await sleep(400);
    assert.equal(receiver.messages.length, fed);
  });

  test('serviceManager() goes on when the service manager does not listen', { skip }, async () => {
    using directory = temporaryDirectory();
    const lines: string[] = [];
    const logger = createLogger({ level: 'debug', write: (line) => lines.push(line) });
    const environment = { NOTIFY_SOCKET: directory.file('missing') };
    const manager = serviceManager(environment, process.pid, logger);
    manager.ready('serving');
    await manager.flush();
    assert.match(lines.join(''), /The service manager could not be told/);
  });
});

describe('findNotifier()', () => {
  test('findNotifier() takes the first of the PATH, and no relative one', { skip }, () => {
    using directory = temporaryDirectory();
    const program = directory.file('systemd-notify');
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
    assert.equal(findNotifier(`.:${directory.path}:/usr/bin`), program);
    assert.notEqual(findNotifier('.'), 'systemd-notify');
  });

  test('findNotifier() refuses the start when there is none', () => {
    assert.throws(() => findNotifier('/nonexistent', []), {
      code: 'START_REFUSED',
      message: /systemd-notify is not on the PATH; install it, or use Type=exec/,
    });
  });
});

describe('watchdogInterval()', () => {
  for (const [environment, expected] of [
    [{}, undefined],
    [{ WATCHDOG_USEC: '20000000' }, 10_000],
    [{ WATCHDOG_USEC: '20000000', WATCHDOG_PID: '7' }, 10_000],
    [{ WATCHDOG_USEC: '20000000', WATCHDOG_PID: '8' }, undefined],
    [{ WATCHDOG_USEC: '1' }, 1],
    [{ WATCHDOG_USEC: String(watchdogIntervalMsMax * 2000) }, watchdogIntervalMsMax],
    [{ WATCHDOG_USEC: String(watchdogIntervalMsMax * 2000 + 2000) }, watchdogIntervalMsMax],
  ] as const) {
    test(`watchdogInterval() of ${JSON.stringify(environment)} is ${expected}`, () => {
      assert.equal(watchdogInterval(environment, 7), expected);
    });
  }

  for (const microseconds of ['0', '', '-1', '1e6', '20s']) {
    test(`watchdogInterval() refuses ${JSON.stringify(microseconds)}`, () => {
      assert.throws(() => watchdogInterval({ WATCHDOG_USEC: microseconds }, 7), {
        code: 'START_REFUSED',
      });
    });
  }
});

describe('environmentForWorkers()', () => {
  test('environmentForWorkers() keeps to itself what was meant for the primary', () => {
    const own = { LISTEN_PID: '1', LISTEN_FDS: '1', LISTEN_FDNAMES: 'a', NOTIFY_SOCKET: '/s' };
    const watchdog = { WATCHDOG_USEC: '1', WATCHDOG_PID: '1' };
    const others = { PATH: '/bin', LISTEN: 'x' };
    assert.deepEqual(environmentForWorkers({ ...own, ...watchdog, ...others }), others);
  });
});
