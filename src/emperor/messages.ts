/**
 * What the emperor and a vassal say to each other: a JSON value a line, on {@link vassalDescriptor}.
 *
 * The emperor reads the configuration file and tells its text, so that what is run is what was
 * checked. The end of the channel tells a vassal that the emperor is gone. It is no channel of
 * node:child_process: a vassal may belong to somebody else, and such a channel has no limits.
 */

/** The descriptor of a vassal that is its channel to the emperor. */
export const vassalDescriptor = 3;

/** The longest configuration file of a vassal, in bytes. */
export const configurationBytesMax = 1024 * 1024;

/** The longest line that the emperor hears from a vassal, in bytes. */
export const vassalLineBytesMax = 64 * 1024;

/** The longest reason that a vassal gives, in UTF-16 code units; what is over it is cut. */
export const reasonCharactersMax = 8192;

export type ToVassal =
  /** The first message. `file` is the absolute path that `text` was read from. */
  | { readonly type: 'start'; readonly name: string; readonly file: string; readonly text: string }
  /** The file has changed, or everything is to be loaded anew. */
  | { readonly type: 'reload'; readonly id: number; readonly text: string };

export type FromVassal =
  | {
      /** It serves. */
      readonly type: 'ready';
      readonly addresses: readonly string[];
      /** How long it may need to end, seconds. */
      readonly stopSeconds: number;
    }
  /** It cannot start, and why; it ends by itself. */
  | { readonly type: 'failed'; readonly reason: string }
  /** What has become of a reload; without a reason it is done. */
  | { readonly type: 'reloaded'; readonly id: number; readonly reason?: string };
