/** The emperor: looks at a directory, and keeps a vassal for each configuration file in it. */

import type { Logger } from '../log.ts';
import { every, timerSecondsMax } from '../workers/interval.ts';
import type { Regime } from './admission.ts';
import { decide, type Realm } from './policy.ts';
import type { DirectoryScanner, Scan } from './scan.ts';
import { type SeenFile, see } from './seen-files.ts';
import type { EmperorSettings } from './settings.ts';
import type { Moment, Vassal } from './vassal.ts';
import type { VassalCommand } from './vassal-process.ts';
import { Vassals } from './vassals.ts';
import { DirectoryWatch } from './watch.ts';

export interface EmperorParts {
  /** Absolute. */
  readonly directory: string;
  /** Whether each vassal runs as the owner of its file. Only root can. */
  readonly isTyrant: boolean;
  readonly settings: EmperorSettings;
  readonly command: VassalCommand;
  readonly log: Logger;
}

export interface EmperorStatus {
  readonly directory: string;
  readonly isTyrant: boolean;
  readonly settings: EmperorSettings;
  readonly files: ReadonlyMap<string, SeenFile>;
  readonly vassals: ReadonlyMap<string, Vassal>;
  readonly now: Moment;
}

/** How long changes gather before they are looked at, in milliseconds. */
const promptMs = 100;

export class Emperor implements AsyncDisposable {
  /** Resolves when it has ended and no vassal is left. */
  readonly done: Promise<void>;
  readonly #parts: EmperorParts;
  readonly #regime: Regime;
  readonly #scanner: DirectoryScanner;
  readonly #watch: DirectoryWatch;
  readonly #vassals: Vassals;
  readonly #scans: Disposable;
  readonly #finish: () => void;
  #files: ReadonlyMap<string, SeenFile> = new Map();
  /** Why nothing of the directory can be used at the moment. */
  #trouble: string | undefined;
  #leftOut = 0;
  #ending: Realm['ending'];
  #isScanning = false;
  #isOver = false;
  #prompt: NodeJS.Timeout | undefined;
  #next: NodeJS.Timeout | undefined;

  constructor(parts: EmperorParts, regime: Regime, scanner: DirectoryScanner, release: () => void) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.done = promise;
    this.#finish = () => {
      this.#isOver = true;
      release();
      resolve();
    };
    this.#parts = parts;
    this.#regime = regime;
    this.#scanner = scanner;
    this.#watch = new DirectoryWatch(parts.directory, () => this.#scanSoon(), parts.log);
    this.#vassals = new Vassals({
      ...parts,
      regime,
      now,
      onChange: () => this.#decideIn(0),
      onStale: (name) => this.#unsettle(name),
    });
    this.#scans = every('scanSeconds', parts.settings.scanSeconds, () => void this.#scan());
    void this.#scan();
  }

  /** Looks again, and has every vassal load its file and its code anew. */
  reload(): void {
    this.#vassals.recall();
    void this.#scan();
    this.#decideIn(0);
  }

  /** Has every vassal open its log anew. */
  reopenLogs(): void {
    this.#vassals.reopenLogs();
  }

  /** Ends every vassal: lets its requests end, or not. */
  stop(how: 'drain' | 'interrupt'): void {
    if (this.#isOver || this.#ending === 'interrupt') return;
    this.#ending = how;
    this.#watch[Symbol.dispose]();
    this.#scans[Symbol.dispose]();
    clearTimeout(this.#prompt);
    this.#decideIn(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop('interrupt');
    await this.done;
  }

  get status(): EmperorStatus {
    const { directory, isTyrant, settings } = this.#parts;
    const vassals = this.#vassals.all;
    return { directory, isTyrant, settings, files: this.#files, vassals, now: now() };
  }

  /** A scan that is under way when something changes may have missed it: another one follows. */
  #scanSoon(): void {
    if (this.#ending !== undefined) return;
    this.#prompt ??= setTimeout(() => {
      this.#prompt = undefined;
      if (this.#isScanning) this.#scanSoon();
      else void this.#scan();
    }, promptMs);
  }

  async #scan(): Promise<void> {
    if (this.#isScanning) return;
    this.#isScanning = true;
    const scan = await this.#scanner.scan(this.#files);
    this.#isScanning = false;
    if (this.#ending !== undefined) return;
    this.#tell(scan);
    if (scan.refusal === undefined) {
      // What changed between the look and the watch is found by another look.
      if (this.#watch.follow(scan.identity)) this.#scanSoon();
      this.#files = see(this.#files, scan.found, now().ms);
      for (const [name, found] of scan.found) {
        if (found !== undefined) this.#vassals.add(name);
      }
    } else {
      this.#watch.lose();
    }
    this.#decide();
  }

  #tell(scan: Scan): void {
    const { directory, log, settings } = this.#parts;
    if (scan.refusal !== this.#trouble) {
      this.#trouble = scan.refusal;
      const reason = scan.refusal;
      if (reason === undefined) log.info('The directory is back', { directory });
      else log.error('The directory cannot be used: what runs goes on', { directory, reason });
    }
    if (scan.refusal !== undefined || scan.leftOut === this.#leftOut) return;
    this.#leftOut = scan.leftOut;
    const { vassalsMax } = settings;
    if (scan.leftOut === 0) log.info('All files of the directory are served again', { vassalsMax });
    else
      log.warn('The directory has more files than are served', { vassalsMax, over: scan.leftOut });
  }

  #decide(): void {
    const { files, vassals } = this.status;
    const realm: Realm = {
      files,
      vassals,
      isOpen: this.#trouble === undefined,
      ending: this.#ending,
      regime: this.#regime,
      settings: this.#parts.settings,
    };
    const { actions, againMs } = decide(realm, now().ms);
    for (const action of actions) this.#vassals.carryOut(action);
    this.#forgetFiles();
    const areAllGone = [...vassals.values()].every(({ phase }) => phase === 'waiting');
    if (this.#ending !== undefined && areAllGone) this.#finish();
    else this.#decideIn(actions.length > 0 ? 0 : againMs - now().ms);
  }

  #decideIn(ms: number): void {
    clearTimeout(this.#next);
    const delay = Math.min(Math.max(0, Math.ceil(ms)), timerSecondsMax * 1000);
    this.#next = setTimeout(() => this.#decide(), delay);
  }

  /** A name without a file is kept only as long as it has a vassal. */
  #forgetFiles(): void {
    this.#files = new Map([...this.#files].filter(([name]) => this.#vassals.all.has(name)));
  }

  #unsettle(name: string): void {
    const file = this.#files.get(name);
    if (file === undefined) return;
    this.#files = new Map([...this.#files, [name, { ...file, sinceMs: now().ms }]]);
    this.#scanSoon();
  }
}

function now(): Moment {
  return { ms: performance.now(), wallSeconds: Math.floor(Date.now() / 1000) };
}
