/** The vassals and their processes: carries out what the policy decides, and notes what they tell. */

import path from 'node:path';
import type { Logger } from '../log.ts';
import type { Regime } from './admission.ts';
import type { FileFacts } from './file-facts.ts';
import type { FromVassal } from './messages.ts';
import type { Action } from './policy.ts';
import { readConfiguration } from './read-configuration.ts';
import type { EmperorSettings } from './settings.ts';
import { type Moment, newVassal, type Vassal } from './vassal.ts';
import {
  type Asked,
  asked,
  askedToReload,
  ended,
  failed,
  recalled,
  refused,
  reloadAnswered,
  served,
  started,
} from './vassal-events.ts';
import { logEnd, logMessage } from './vassal-log.ts';
import { startVassalProcess, type VassalCommand, type VassalProcess } from './vassal-process.ts';

export interface VassalsParts {
  /** Absolute. */
  readonly directory: string;
  readonly regime: Regime;
  readonly settings: EmperorSettings;
  readonly command: VassalCommand;
  readonly log: Logger;
  readonly now: () => Moment;
  /** Something is another way than it was: time to decide again. */
  readonly onChange: () => void;
  /** A file is no longer what was decided by: time to look again. */
  readonly onStale: (name: string) => void;
}

export class Vassals {
  readonly #parts: VassalsParts;
  readonly #vassals = new Map<string, Vassal>();
  readonly #processes = new Map<string, VassalProcess>();
  #reloads = 0;

  constructor(parts: VassalsParts) {
    this.#parts = parts;
  }

  get all(): ReadonlyMap<string, Vassal> {
    return this.#vassals;
  }

  add(name: string): void {
    if (!this.#vassals.has(name)) this.#vassals.set(name, newVassal(name, this.#parts.now()));
  }

  carryOut(action: Action): void {
    const vassal = this.#vassals.get(action.name);
    if (vassal === undefined) return;
    switch (action.act) {
      case 'start':
        this.#start(vassal, action.facts);
        break;
      case 'reload':
        this.#reload(vassal, action.facts);
        break;
      case 'end':
        this.#end(vassal, action.asked);
        break;
      case 'refuse':
        this.#refuse(refused(vassal, action.reason));
        break;
      case 'forget':
        this.#vassals.delete(vassal.name);
        this.#log(vassal).info('vassal forgotten');
    }
  }

  /** Every vassal is to be started or reloaded, whatever held it up. */
  recall(): void {
    for (const vassal of this.#vassals.values()) this.#set(recalled(vassal));
  }

  /** Those that do not serve yet have no handler for it, and Node itself would open a debugger. */
  reopenLogs(): void {
    for (const { name, phase } of this.#vassals.values()) {
      if (phase === 'serving') this.#processes.get(name)?.reopenLog();
    }
  }

  #start(vassal: Vassal, facts: FileFacts): void {
    const { regime, settings, command, now } = this.#parts;
    const { name } = vassal;
    const text = this.#read(vassal, facts, (reason) =>
      failed(vassal, now(), reason, settings, facts.stamp),
    );
    if (text === undefined) return;
    let lastWords: string | undefined;
    const { uid, gid } = facts;
    const file = this.#file(vassal);
    const whole = { ...command, args: [...command.args, `--config=${file}`] };
    const vassalProcess = startVassalProcess(whole, regime.isTyrant ? { uid, gid } : undefined, {
      onMessage: (message) => {
        if (message.type === 'failed') lastWords = message.reason;
        this.#hear(name, message);
      },
      onFault: (why) => {
        const seconds = settings.interruptSeconds;
        this.#change(name, (each) =>
          this.#end(each, { urgency: 'kill', seconds, why, isFault: true }),
        );
      },
      onOutput: (line) => this.#log(vassal).info('output', { line }),
      onEnd: (how) => this.#note(name, lastWords ?? how, how),
    });
    this.#processes.set(name, vassalProcess);
    this.#set(started(vassal, now(), facts, vassalProcess.pid, settings));
    this.#log(vassal).info('vassal started', { pid: vassalProcess.pid });
    vassalProcess.send({ type: 'start', name, file, text });
  }

  #reload(vassal: Vassal, facts: FileFacts): void {
    const keep = (reason: string): Vassal => refused(askedToReload(vassal, facts.stamp, 0), reason);
    const text = this.#read(vassal, facts, keep);
    if (text === undefined) return;
    this.#reloads += 1;
    const id = this.#reloads;
    if (this.#processes.get(vassal.name)?.send({ type: 'reload', id, text })) {
      this.#set(askedToReload(vassal, facts.stamp, id));
      this.#log(vassal).info('vassal reloads');
    } else {
      this.#refuse(keep('it does not listen to its emperor'));
    }
  }

  /** @returns undefined when there is no text: `keep` then says what becomes of the vassal */
  #read(vassal: Vassal, facts: FileFacts, keep: (reason: string) => Vassal): string | undefined {
    const read = readConfiguration(this.#file(vassal), facts, this.#parts.regime);
    if ('text' in read) return read.text;
    if ('isChanged' in read) this.#parts.onStale(vassal.name);
    else this.#refuse(keep(read.refusal));
    return undefined;
  }

  #refuse(vassal: Vassal): void {
    this.#set(vassal);
    this.#log(vassal).warn('vassal refused', { reason: vassal.reason });
  }

  #end(vassal: Vassal, how: Asked): void {
    const { urgency, why } = how;
    this.#processes.get(vassal.name)?.end(urgency);
    this.#set(asked(vassal, this.#parts.now(), how));
    const level = urgency === 'kill' ? 'warn' : 'info';
    this.#log(vassal)[level]('vassal asked to end', { how: urgency, reason: why });
  }

  #hear(name: string, message: FromVassal): void {
    this.#change(name, (vassal) => {
      if (message.type === 'ready') {
        const { addresses, stopSeconds } = message;
        this.#set(served(vassal, this.#parts.now(), addresses, stopSeconds));
      } else if (message.type === 'reloaded') {
        this.#set(reloadAnswered(vassal, message.id, message.reason));
      }
      logMessage(this.#log(vassal), vassal, message);
    });
  }

  #note(name: string, reason: string, how: string): void {
    this.#processes.delete(name);
    this.#change(name, (vassal) => {
      const now = this.#parts.now();
      const next = ended(vassal, now, reason, this.#parts.settings);
      this.#set(next);
      logEnd(this.#log(vassal), vassal, next, how);
    });
  }

  #change(name: string, change: (vassal: Vassal) => void): void {
    const vassal = this.#vassals.get(name);
    if (vassal !== undefined) change(vassal);
    this.#parts.onChange();
  }

  #set(vassal: Vassal): void {
    this.#vassals.set(vassal.name, vassal);
  }

  #file({ name }: Vassal): string {
    return path.join(this.#parts.directory, name);
  }

  #log({ name }: Vassal): Logger {
    return this.#parts.log.child({ vassal: name });
  }
}
