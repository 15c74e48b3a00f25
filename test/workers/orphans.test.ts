import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { isRunning } from '../../src/workers/host/process-state.ts';
import { stop, until } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { askAt } from './running-pool.ts';

describe('a primary that is killed', () => {
  test('a primary that is killed leaves no worker, and the next one takes its socket over', async () => {
    using directory = temporaryDirectory();
    const first = await startPrimaryProcess(directory.path);
    first.child.kill('SIGKILL');
    await until('the workers have ended', () => !first.workers.some(isRunning), 2000 + slackMs);
    const second = await startPrimaryProcess(directory.path);
    try {
      const pid = Number(await askAt(directory.file('pool.sock'), 'pid'));
      assert.ok(second.workers.includes(pid));
    } finally {
      await stop(second.child);
      await until('its workers have ended', () => !second.workers.some(isRunning));
    }
  });
});

/** For a machine that does other work at the same time. */
const slackMs = 3000;

const program = path.join(import.meta.dirname, 'fixtures/primary.ts');

async function startPrimaryProcess(directory: string) {
  const child = spawn(process.execPath, [program, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, workers: JSON.parse(line) as readonly number[] };
}
