/** What a remote repository has, as it becomes units: files, records of its metadata, documents in it. */

import type { JsonObject } from '../repositories/documents.ts';
import type { Digest } from './digest.ts';

export type RemoteItem = RemoteFile | RemoteRecord | RemoteDocument;

/** A file that has to be fetched. */
export interface RemoteFile {
  readonly kind: 'file';
  /** The id of the unit type. */
  readonly type: string;
  /** For messages, as `the package a-1-1.noarch`. */
  readonly what: string;
  readonly path: string;
  /** In bytes; undefined where nothing says it. */
  readonly size: number | undefined;
  readonly digest: Digest;
  /** What the metadata says of the unit's key; the file has to agree. */
  readonly unitKey: JsonObject;
}

/** A unit that is all in its fields. */
export interface RemoteRecord {
  readonly kind: 'record';
  readonly type: string;
  readonly unitKey: JsonObject;
  readonly unitMetadata: JsonObject;
}

/** A part of the metadata that is a unit with a file of its own. */
export interface RemoteDocument {
  readonly kind: 'document';
  readonly type: string;
  readonly unitKey: JsonObject;
  readonly text: string;
}

/** A remote repository whose metadata is here, with its digests verified. */
export interface RemoteContent {
  /** What counts up with each change of it; null where it has nothing of the kind. */
  readonly revision: number | null;
  /** The types of which it says all that there is. */
  readonly types: readonly string[];
  readonly files: () => AsyncIterable<RemoteFile> | Iterable<RemoteFile>;
  readonly metadata: readonly MetadataStep[];
}

export interface MetadataStep {
  /** In Pulp's progress report. */
  readonly name: 'errata' | 'comps' | 'modules' | 'metadata_files';
  /** Each time from the beginning. */
  readonly items: () => AsyncIterable<RemoteItem> | Iterable<RemoteItem>;
}
