/**
 * Where bytes lie: `artifacts/`, each once under its SHA-256; `uploads/`, what clients are sending;
 * `publications/`, immutable trees whose files are hard links to artifacts, so that publishing copies
 * nothing, the front opens plain files, and no publication loses a file because an artifact goes;
 * `manifests/`, the digests of each publication's files; `temporary/` and `trash/`, which hold nothing
 * once all is swept; `damaged/`, what `portcullis verify` took away. All are on one file system, and
 * any number of processes, on any number of hosts, work on it at once.
 *
 * Whatever is acknowledged is synced to the disk first. A full disk is STORAGE_FULL and changes nothing.
 */

export interface Storage {
  readonly directory: string;
  readonly artifacts: Artifacts;
  readonly uploads: Uploads;
  readonly publications: Publications;
  /**
   * An empty directory in `temporary/` for nobody but this process, as programs need one. It goes when it is
   * disposed of, or with a sweep once this process is dead.
   *
   * @throws PortcullisError STORAGE_FULL, STORAGE_UNAVAILABLE
   */
  workDirectory(): Promise<WorkDirectory>;
  /**
   * Removes what processes left that were killed, and ends removals that they began; for when a process
   * starts, and from time to time. Uploads and publications are for who keeps their documents.
   *
   * @param isReferred as of {@link Artifacts.removeUnless}
   */
  sweep(isReferred: (sha256: string) => Promise<boolean>): Promise<Swept>;
}

export interface Swept {
  /** Files and directories of `temporary/` that went. */
  readonly temporary: number;
  /** Artifacts that were on their way out and are referred to. */
  readonly putBack: number;
  /** Artifacts that went. */
  readonly removed: number;
}

export interface WorkDirectory extends AsyncDisposable {
  /** Absolute. */
  readonly path: string;
}

/** Bytes that were received whole and are in no other's hands yet. */
export interface ReceivedFile {
  readonly path: string;
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
}

export interface Artifacts {
  /** The path of an artifact, whether it is there or not. @throws TypeError for what is no digest */
  pathOf(sha256: string): string;
  /** The size in bytes of the artifact; undefined when it is not there. */
  sizeOf(sha256: string): Promise<number | undefined>;
  /**
   * Takes a stream into `temporary/`, with its digest and size.
   *
   * @throws PortcullisError STORAGE_FULL, STORAGE_UNAVAILABLE, CONTENT_TOO_LARGE past `bytesMax`; nothing
   *   is left behind
   */
  receive(
    bytes: AsyncIterable<Uint8Array>,
    options: { readonly bytesMax: number; readonly signal: AbortSignal },
  ): Promise<ReceivedFile & AsyncDisposable>;
  /**
   * Makes sure that the artifact is there, with these bytes: one that is there stays. The unit that refers
   * to it has to be in the store before (see {@link Unit.is_pending}); the received file stays as well.
   */
  keep(file: ReceivedFile): Promise<void>;
  /**
   * Removes the artifact unless somebody refers to it.
   *
   * @param isReferred asked before, and again after the artifact was moved out of the way, so that whoever
   *   refers to it afterwards finds it missing and keeps their own; where it says yes then, it is put back
   * @returns the bytes that were freed
   */
  removeUnless(sha256: string, isReferred: () => Promise<boolean>): Promise<number>;
  /** All digests, in no order. */
  list(): AsyncIterable<string>;
}

export interface Uploads {
  /** An empty upload. @param id 32 lower-case hexadecimal digits, which no other has */
  create(id: string): Promise<void>;
  /** How many bytes are there; undefined when there is no such upload. */
  sizeOf(id: string): Promise<number | undefined>;
  /**
   * Writes a chunk, streamed. It has to begin where the upload ends, or earlier with the same bytes that
   * are there: so a chunk may be sent again. It is added as a whole, when it has arrived and is on the
   * disk, or not at all. Where it is refused, the rest of the stream is left unread: of a request it is
   * `request.iterator({ destroyOnReturn: false })` that lets the answer through.
   */
  write(id: string, offset: number, chunk: AsyncIterable<Uint8Array>): Promise<WriteResult>;
  /** Its bytes with their digest; nothing can be written any more. Undefined when there is none. */
  seal(id: string, signal: AbortSignal): Promise<ReceivedFile | undefined>;
  remove(id: string): Promise<void>;
  list(): AsyncIterable<string>;
}

export type WriteResult =
  /** @property size in bytes of the upload as it now is */
  | { readonly outcome: 'written'; readonly size: number }
  | { readonly outcome: 'missing' }
  /** It was sealed. */
  | { readonly outcome: 'closed' }
  /** Somebody else has written there at this moment; sent again, the chunk is compared with theirs. */
  | { readonly outcome: 'busy' }
  /** There would be a hole behind `size`. */
  | { readonly outcome: 'gap'; readonly size: number }
  /** Other bytes are there already. */
  | { readonly outcome: 'differs'; readonly size: number }
  | { readonly outcome: 'too-large'; readonly bytesMax: number };

export interface Publications {
  /** Absolute; the parent of all publications. */
  readonly directory: string;
  directoryOf(id: string): string;
  /**
   * An empty tree that nobody sees, in place of one that was never committed. Disposing of it throws away
   * what was not committed.
   *
   * @param id 24 lower-case hexadecimal digits, which no other has
   */
  begin(id: string): Promise<PublicationTree & AsyncDisposable>;
  /** Removes a publication, or what is left of one that was never committed; again after a stop. */
  remove(id: string): Promise<void>;
  /** The ids of all that is there, committed or not. */
  list(): AsyncIterable<string>;
}

export interface PublicationTree {
  /** Absolute; programs may write into it until it is committed. */
  readonly directory: string;
  /**
   * Links an artifact. Paths are relative, of whole segments, checked anew here (T28).
   *
   * @throws PortcullisError CONTENT_UNAVAILABLE for an artifact that is not there; TypeError for a wrong
   *   path; STORAGE_UNAVAILABLE where something else has the path
   */
  link(path: string, sha256: string): Promise<void>;
  /** Writes a new file. @throws as {@link link} */
  write(path: string, bytes: string | Uint8Array): Promise<void>;
  /**
   * Syncs everything, makes it read-only, and puts it in place. What programs wrote into the tree is
   * files and directories, or the tree is refused (T27).
   */
  commit(): Promise<void>;
}
