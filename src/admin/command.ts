/** What a command of `portcullis-admin` is. */

import type { Failure } from './failure.ts';
import type { Output } from './present/output.ts';
import type { CallApi } from './server/call.ts';
import type { Identity } from './server/identity.ts';
import type { AdminSettings } from './settings/settings.ts';

export interface CommandOption {
  /** What stands behind it, as `FILE`; absent for a switch. */
  readonly value?: string;
  /** One letter. */
  readonly short?: string;
  /** Sentences. */
  readonly text: string;
  readonly isRequired?: true;
  readonly isRepeatable?: true;
}

export interface Command {
  /** The words that call it, as `auth user list`. */
  readonly path: readonly string[];
  /** One line, without a full stop. */
  readonly summary: string;
  /** Paragraphs. */
  readonly description?: readonly string[];
  readonly options: Readonly<Record<string, CommandOption>>;
  /** How many words it takes besides its options. */
  readonly words?: { readonly synopsis: string; readonly count: number };
  run(context: Context, given: Given): Promise<Failure | undefined>;
}

/** What a command works with. */
export interface Context {
  readonly settings: AdminSettings;
  readonly output: Output;
  /** Calls the API as whoever the command line and the files name. */
  readonly call: CallApi;
  /** Calls the API as somebody else. */
  readonly callAs: (identity: Identity) => CallApi;
  /** The user that -u names, with the password of -p or of a question; a file's user when asked for. */
  readonly askCredentials: (options: {
    readonly fromFiles: boolean;
  }) => Promise<Identity | Failure | undefined>;
}

/** The options of a command line, checked against what the command takes. */
export class Given {
  readonly words: readonly string[];
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(values: ReadonlyMap<string, readonly string[]>, words: readonly string[] = []) {
    this.#values = values;
    this.words = words;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  one(name: string): string | undefined {
    return this.all(name).at(-1);
  }

  /** Of an option that is required: it is there. */
  required(name: string): string {
    const value = this.one(name);
    if (value === undefined) throw new TypeError(`--${name} is not declared as required`);
    return value;
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }
}
