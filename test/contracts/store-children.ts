/** Processes of store-process.ts: started, heard, killed. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { StoreSettings } from '../../src/stores/open.ts';

const program = path.join(import.meta.dirname, 'store-process.ts');

export class StoreChildren {
  readonly #started = new Set<StoreChild>();

  start(settings: StoreSettings, ...work: readonly string[]): StoreChild {
    const child = new StoreChild([JSON.stringify(settings), ...work]);
    this.#started.add(child);
    return child;
  }

  /** @returns all that `count` processes said until their end */
  async runAll(
    count: number,
    settings: StoreSettings,
    ...work: readonly string[]
  ): Promise<unknown[]> {
    const all = Array.from({ length: count }, () => this.start(settings, ...work));
    const codes = await Promise.all(all.map(({ closed }) => closed));
    assert.deepEqual(new Set(codes), new Set([0]));
    return all.flatMap(({ said }) => said);
  }

  /** Kills those that are still there. */
  async killAll(): Promise<void> {
    await Promise.all([...this.#started].map((child) => child.kill()));
    this.#started.clear();
  }
}

export class StoreChild {
  /** What it has said so far. */
  readonly said: unknown[] = [];
  /** Its exit code; null when it was killed. */
  readonly closed: Promise<number | null>;
  readonly #process: ChildProcess;

  constructor(args: readonly string[]) {
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface({ input: child.stdout }).on('line', (line) => this.said.push(JSON.parse(line)));
    this.closed = once(child, 'close').then(([code]) => code);
    this.#process = child;
  }

  get isOver(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.closed;
  }
}
