/** What a command of `portcullis` is: its words for the manual, and what it does. */

export interface CommandOption {
  /** What stands behind it, as `FILE`; absent for a switch. */
  readonly value?: string;
  /** One sentence. */
  readonly text: string;
}

export interface Command {
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  /** What stands behind the name. */
  readonly synopsis: string;
  /** Paragraphs. */
  readonly description: readonly string[];
  readonly options: Readonly<Record<string, CommandOption>>;
  /** Whether it reads the configuration, and so takes --config and a flag for each setting. */
  readonly isConfigured: boolean;
  /** How many words it takes besides its options. */
  readonly words: { readonly min: number; readonly max: number };
  /** Meanings by exit status, besides those that every command has. */
  readonly exitStatus: Readonly<Record<number, string>>;
  readonly examples: readonly { readonly text: string; readonly line: string }[];
  /** @returns the exit status */
  run(args: Arguments): Promise<number>;
}

/** A command line, checked against what its command takes. */
export interface Arguments {
  readonly words: readonly string[];
  /** By name without dashes; a switch has the value ''. */
  readonly options: ReadonlyMap<string, string>;
  /** The settings among the flags, by name without dashes. */
  readonly settings: Readonly<Record<string, string>>;
}
