/**
 * What is kept of repositories in the store. What has to change as a whole is one document: a repository
 * with its importer and its distributors, a unit with all the repositories that have it, a distribution
 * with the publication that it points to.
 */

import type { CollectionDeclaration } from '../stores/collection.ts';
import type { StoredDocument, Value } from '../stores/document.ts';

/** Free-form: what clients send and get back, and what plugins of Pulp keep. */
export type JsonObject = { readonly [name: string]: Value };

export interface Repository extends StoredDocument {
  /** The `id` of the API. */
  readonly _id: string;
  readonly display_name: string | null;
  readonly description: string | null;
  readonly notes: JsonObject;
  readonly scratchpad: JsonObject;
  /** Units by their types; a type of which there is none is not there. */
  readonly content_unit_counts: { readonly [typeId: string]: number };
  readonly last_unit_added: Date | null;
  readonly last_unit_removed: Date | null;
  /** One more with each change of the units: what a publication says it was made of. */
  readonly content_revision: number;
  readonly importer: Importer | null;
  readonly distributors: readonly Distributor[];
  /** Of a task that may take only so many units out: what it began, so that it never takes more. */
  readonly limited_removal?: LimitedRemoval;
}

export type LimitedRemoval = {
  /** The id of the task. */
  readonly task: string;
  /** Units that it has chosen so far, with those of `ids`. */
  readonly chosen: number;
  /** The units that it chose last: they may be there still. */
  readonly ids: readonly string[];
};

export type Importer = {
  /** As `yum_importer`; it is the importer's id as well. */
  readonly importer_type_id: string;
  /** Secrets in it are never shown. */
  readonly config: JsonObject;
  readonly scratchpad: JsonObject;
  readonly last_sync: Date | null;
  readonly last_updated: Date | null;
};

export type Distributor = {
  readonly id: string;
  /** As `yum_distributor`. */
  readonly distributor_type_id: string;
  readonly config: JsonObject;
  readonly auto_publish: boolean;
  readonly scratchpad: JsonObject;
  readonly last_publish: Date | null;
  readonly last_updated: Date | null;
  /** The `content_revision` of the last publication, and a digest of the configuration it was made with. */
  readonly published: { readonly content_revision: number; readonly config_digest: string } | null;
};

export interface Unit extends StoredDocument {
  /** 24 hexadecimal digits. */
  readonly _id: string;
  /** As `rpm`. */
  readonly type: string;
  /** A digest over the type and the unit key: no two units have the same. */
  readonly key_digest: string;
  /**
   * A digest over the type and the fields by which a unit replaces another of a repository; null for one
   * that replaces none.
   */
  readonly replaces_digest: string | null;
  /** The unit key and everything else that is known of the unit, flat, in the names of the API. */
  readonly fields: JsonObject;
  /** Null for a unit without a file, as an erratum. */
  readonly artifact: Artifact | null;
  /**
   * True until the artifact is in the storage: the unit refers to it first, so that whoever removes what
   * nobody refers to cannot take it away in between.
   */
  readonly is_pending: boolean;
  readonly created: Date;
  readonly last_updated: Date;
  readonly user_metadata: JsonObject;
  /** The ids of the repositories that have it; an orphan has none. */
  readonly repositories: readonly string[];
  /** When it came into each of them, in the same order. */
  readonly memberships: readonly Membership[];
  /** Whether no repository has it: what an index can find. */
  readonly is_orphan: boolean;
}

export type Artifact = {
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  readonly size: number;
  /** The name to publish it by, one segment. */
  readonly filename: string;
};

export type Membership = {
  readonly repository: string;
  readonly created: Date;
  readonly updated: Date;
};

/**
 * Where distributions are served: `repos` below /pulp/repos/, `isos` below /pulp/isos/. A distribution of
 * the configuration is below all of `content.prefixes`.
 */
export type Area = 'repos' | 'isos';

/**
 * What is served at one relative URL, and which publication it is at the moment. One without a publication
 * is a claim of the place alone, and serves nothing.
 */
export interface DistributionDocument extends StoredDocument {
  /** `AREA:RELATIVE_URL`: no two are at one place. */
  readonly _id: string;
  readonly area: Area;
  readonly relative_url: string;
  readonly repository: string;
  readonly distributor: string;
  /** When the place was claimed last. */
  readonly claimed: Date;
  /** Whether it was made sure that nobody else has a place above or below it. */
  readonly is_established: boolean;
  readonly http: boolean;
  readonly https: boolean;
  /** Null until the first publish. */
  readonly publication: string | null;
  /**
   * A tree that is served as it lies, in place of the files of the publication: an absolute path without
   * links, below one of `repositories.directoryRoots`. Null where the publication has the files.
   */
  readonly directory: string | null;
  /** The latest first: still read where the present one has nothing, until their time. */
  readonly earlier: readonly { readonly publication: string; readonly until: Date }[];
  /** A policy tree as JSON, derived from the distributor; null where it says nothing about access. */
  readonly access: string | null;
  /** PEM text that clients verify packages by, served below /pulp/gpg/; null without. */
  readonly gpg_key: string | null;
  /** The number of the last change of what is served, among those of all distributions. */
  readonly order: number;
}

export interface PublicationDocument extends StoredDocument {
  /** 24 hexadecimal digits; also the name of its directory. */
  readonly _id: string;
  readonly repository: string;
  readonly distributor: string;
  readonly state: 'building' | 'complete' | 'removing';
  /** The task that builds it. */
  readonly task: string;
  readonly created: Date;
  readonly content_revision: number;
  readonly config_digest: string;
  /** What was published, for people and for rollback. */
  readonly unit_counts: { readonly [typeId: string]: number };
  /** The OpenPGP key, armored, by which its metadata is verified; null where it is not signed. */
  readonly signing_key: string | null;
}

export const repositoriesCollection = 'repositories';
export const unitsCollection = 'units';
export const distributionsCollection = 'distributions';
/** One document, which counts the changes of them. */
export const distributionOrder = 'distribution_order';
export const publicationsCollection = 'publications';
export const repositoryGroupsCollection = 'repository_groups';
export const syncHistoryCollection = 'sync_history';
export const publishHistoryCollection = 'publish_history';
export const schedulesCollection = 'schedules';
export const uploadsCollection = 'uploads';
export const eventListenersCollection = 'event_listeners';

/** To be declared where the store is opened. */
export const repositoryCollections: readonly CollectionDeclaration[] = [
  { name: repositoriesCollection, indexes: [] },
  {
    name: unitsCollection,
    indexes: [
      { fields: ['key_digest'], unique: true },
      // What few units have comes before what many have: of equals, a store may take the first.
      { fields: ['artifact.sha256'] },
      { fields: ['replaces_digest'] },
      { fields: ['type', 'fields.name'] },
      { fields: ['repositories', 'type', '_id'], multikey: true },
      { fields: ['is_orphan', 'type', '_id'] },
      { fields: ['is_pending', 'created'] },
    ],
  },
  {
    name: distributionsCollection,
    indexes: [
      { fields: ['repository', 'distributor'] },
      { fields: ['area', 'relative_url'] },
      { fields: ['order'] },
    ],
  },
  { name: distributionOrder, indexes: [] },
  {
    name: publicationsCollection,
    indexes: [{ fields: ['repository', 'distributor'] }, { fields: ['state'] }],
  },
  { name: repositoryGroupsCollection, indexes: [{ fields: ['repo_ids'], multikey: true }] },
  { name: syncHistoryCollection, indexes: [{ fields: ['repo_id'] }] },
  { name: publishHistoryCollection, indexes: [{ fields: ['repo_id', 'distributor_id'] }] },
  {
    name: schedulesCollection,
    indexes: [{ fields: ['resource'] }, { fields: ['repository'] }, { fields: ['next_run'] }],
  },
  { name: uploadsCollection, indexes: [] },
  { name: eventListenersCollection, indexes: [] },
];
