/** An emperor of the fixture for one test, with the directory that it rules. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { EmperorSettings } from '../../src/emperor/settings.ts';
import { until } from '../support/processes.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

/** Short waits; none of them is what a test measures. */
const quick: Partial<EmperorSettings> = {
  scanSeconds: 0.2,
  settleSeconds: 0.1,
  throttleSeconds: 0.2,
  throttleSecondsMax: 60,
  stopSecondsMax: 20,
};

const waitMs = 30_000;

export interface Line {
  readonly message: string;
  readonly vassal?: string;
  readonly reason?: string;
  readonly [name: string]: unknown;
}

/** What a vassal of the fixture has noted. */
export interface Note {
  readonly event: string;
  readonly name: string;
  readonly file: string;
  readonly pid: number;
  readonly marker?: string;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly env: readonly string[];
}

export interface EmperorOptions {
  readonly isTyrant?: boolean;
  readonly settings?: Partial<EmperorSettings>;
  readonly environment?: Readonly<Record<string, string>>;
}

/** The directory, and beside it the journal of the vassals. */
export class Empire implements Disposable {
  readonly #temporary: TemporaryDirectory = temporaryDirectory();
  readonly directory = this.#temporary.file('vassals');
  readonly journal = this.#temporary.file('journal');

  constructor() {
    mkdirSync(this.directory, { mode: 0o755 });
    writeFileSync(this.journal, '');
    // Vassals of other users write to it as well.
    chmodSync(this.journal, 0o666);
  }

  file(name: string): string {
    return path.join(this.directory, name);
  }

  /** Writes the file whole, under another name first. */
  put(name: string, behaviour: object = {}, owner?: number): void {
    const beside = this.file('.new');
    writeFileSync(beside, JSON.stringify({ journal: this.journal, ...behaviour }));
    if (owner !== undefined) chownSync(beside, owner, owner);
    renameSync(beside, this.file(name));
  }

  notes(name?: string): readonly Note[] {
    if (!existsSync(this.journal)) return [];
    const lines = readFileSync(this.journal, 'utf8').split('\n').slice(0, -1);
    const all = lines.map((line): Note => JSON.parse(line));
    return name === undefined ? all : all.filter((note) => note.name === name);
  }

  events(name: string): readonly string[] {
    return this.notes(name).map(({ event }) => event);
  }

  async see(name: string, event: string, times = 1): Promise<Note> {
    const found = (): readonly Note[] => this.notes(name).filter((note) => note.event === event);
    await until(`${name} ${event} ${times}`, () => found().length >= times, waitMs);
    const note = found().at(-1);
    if (note === undefined) throw new Error('seen and gone');
    return note;
  }

  [Symbol.dispose](): void {
    this.#temporary[Symbol.dispose]();
  }
}

export class EmperorProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  #output = '';

  constructor(empire: Empire, { isTyrant = false, settings, environment }: EmperorOptions = {}) {
    const fixture = path.join(import.meta.dirname, 'fixtures/emperor.ts');
    const given = { directory: empire.directory, isTyrant, settings: { ...quick, ...settings } };
    this.child = spawn(process.execPath, [fixture, JSON.stringify(given)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.#output += chunk.toString();
    });
    this.ended = once(this.child, 'close').then(([code]) => code as number | null);
  }

  lines(): readonly Line[] {
    const whole = this.#output.split('\n').slice(0, -1);
    return whole.filter((line) => line.startsWith('{')).map((line): Line => JSON.parse(line));
  }

  async see(message: string, vassal?: string, times = 1): Promise<Line> {
    const found = (): readonly Line[] =>
      this.lines().filter((line) => line.message === message && line.vassal === vassal);
    await until(
      `the emperor says ${message} of ${vassal}: ${this.#output}`,
      () => found().length >= times,
      waitMs,
    );
    const line = found().at(-1);
    if (line === undefined) throw new Error('seen and gone');
    return line;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGINT');
    const killer = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    await this.ended;
    clearTimeout(killer);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
