/** The document of a unit that nobody has yet. */

import type { Document } from '../stores/document.ts';
import type { Artifact, JsonObject } from './documents.ts';
import { keyDigest, replacesDigest } from './unit-digests.ts';

export interface NewUnit {
  /** As `rpm`. */
  readonly type: string;
  readonly fields: JsonObject;
  /** The names of the fields that tell units of the type apart. */
  readonly unitKey: readonly string[];
  /** The names of the fields by which it replaces others; undefined when it replaces none. */
  readonly replacesBy?: readonly string[];
  /** Null for a unit without a file. */
  readonly artifact: Artifact | null;
}

/** In no repository, and pending if it has an artifact. */
export function newUnit(given: NewUnit, now: Date): Document {
  const { type, fields, unitKey, replacesBy, artifact } = given;
  return {
    type,
    key_digest: keyDigest(type, fields, unitKey),
    replaces_digest: replacesBy === undefined ? null : replacesDigest(type, fields, replacesBy),
    fields,
    artifact,
    is_pending: artifact !== null,
    created: now,
    last_updated: now,
    user_metadata: {},
    repositories: [],
    memberships: [],
    is_orphan: true,
  };
}
