/**
 * One entry of the decision log, as the store keeps it: who, what, the outcome and why. Nothing secret
 * is in it, and no certificate, but its fingerprint.
 */

import { maskTokens } from '../token-form.ts';
import { entryPathCharactersMax, entryTextCharactersMax } from './limits.ts';

/** What the steps of a request tell of it once it is answered: the fields of its line in the log. */
// As an interface it would have to be copied for the log, which takes fields of any names.
export type DecisionFields = {
  readonly requestId: string;
  readonly method: string;
  /** Canonical where there is such a spelling, else as the client wrote it; without the query. */
  readonly path: string;
  readonly distribution: string | undefined;
  /** The id of the publication that has the file; undefined for one of the configuration. */
  readonly publication: string | undefined;
  readonly outcome: 'allow' | 'deny' | 'fault' | 'not-found' | 'refused';
  readonly status: number;
  readonly code: string | undefined;
  readonly reason: string | undefined;
  /** The rule that allowed. */
  readonly rule: string | undefined;
  /** As `user:ann`. */
  readonly principal: string | undefined;
  readonly subject: string | undefined;
  readonly address: string | undefined;
  /** False where the client's connection was not TLS. */
  readonly secure: boolean | undefined;
  /** The user name of Basic credentials, whatever became of them. */
  readonly user: string | undefined;
  readonly remoteUser: string | undefined;
  /** `sha256:` and the fingerprint, or `unusable`. */
  readonly certificate: string | undefined;
  /** What came with the request and is not logged. */
  readonly unlogged: readonly Unlogged[] | undefined;
  /** True where the answer of a rule was a remembered one. */
  readonly remembered: boolean | undefined;
  readonly delivery: string | undefined;
  /** Bytes of the body that this process sent. */
  readonly bytes: number | undefined;
  /** Bytes that a front was asked to send, by the request as it came. */
  readonly handedOver: number | undefined;
  /** What a rule has charged for, in bytes. */
  readonly chargedBytes: number | undefined;
  readonly milliseconds: number;
};

export type Unlogged = 'password' | 'token' | 'query';

/** With the time, and with a path that is percent-encoded as a client would write it. */
export interface DecisionEntry extends DecisionFields {
  readonly time: Date;
}

export function entryOf(fields: DecisionFields, encodedPath: string, time: Date): DecisionEntry {
  const { requestId, method, reason, rule, principal, subject, user, remoteUser } = fields;
  return {
    ...fields,
    time,
    requestId: text(requestId),
    method: text(method),
    path: cut(encodedPath, entryPathCharactersMax),
    reason: optional(reason),
    rule: optional(rule),
    principal: optional(principal),
    subject: optional(subject),
    user: optional(user),
    remoteUser: optional(remoteUser),
  };
}

/** As one text of the list that a document of the store has. */
export function encodeEntries(entries: readonly DecisionEntry[]): string {
  return JSON.stringify(entries);
}

/** What {@link encodeEntries} wrote. */
export function decodeEntries(encoded: string): readonly DecisionEntry[] {
  const list = JSON.parse(encoded) as readonly (DecisionFields & { readonly time: string })[];
  return list.map((entry) => ({ ...entry, time: new Date(entry.time) }));
}

function optional(value: string | undefined): string | undefined {
  return value === undefined ? undefined : text(value);
}

/** Without the tokens in it (T62), and such as every store keeps. */
function text(value: string): string {
  return cut(maskTokens(value), entryTextCharactersMax).toWellFormed().replaceAll('\0', '\ufffd');
}

function cut(value: string, characters: number): string {
  return value.length > characters ? `${value.slice(0, characters - 1)}…` : value;
}
