/** How a type of units is uploaded: from files, or all in the options of the command. */

import type { CommandOption, Given } from '../command.ts';

export type UnitUpload = FileUpload | MetadataUpload;

export interface FileUpload {
  readonly kind: 'files';
  /** Of the files that --dir takes, in lower case; empty for every file. */
  readonly suffix: string;
  /** Whether it is named by the client, and its key has the digest with it. */
  readonly isNamed?: true;
  readonly options?: Readonly<Record<string, CommandOption>>;
  /** What the options say of all files. */
  readonly describe?: (given: Given) => UnitText;
}

/** The key and the rest, as the API takes them. */
export interface UnitText {
  readonly unitKey?: Readonly<Record<string, unknown>>;
  readonly unitMetadata?: Readonly<Record<string, unknown>>;
}

export interface MetadataUpload {
  readonly kind: 'metadata';
  readonly options: Readonly<Record<string, CommandOption>>;
  /** @throws PortcullisError USAGE, FILE_UNREADABLE */
  readonly read: (given: Given, path: readonly string[]) => Promise<Required<UnitText>>;
}
