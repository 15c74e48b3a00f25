/**
 * What is kept of consumers in the store: the hosts that are registered, by their certificates, and the
 * repositories that they are bound to. A consumer and its certificates are one document. What belongs to
 * it besides says of which registration it is: of an earlier one under the same id, nothing counts.
 */

import type { CollectionDeclaration } from '../stores/collection.ts';
import type { StoredDocument, Value } from '../stores/document.ts';

/** Free-form: what clients send and get back. */
export type JsonObject = { readonly [name: string]: Value };

export interface Consumer extends StoredDocument {
  /** The `id` of the API. */
  readonly _id: string;
  /** 24 hexadecimal digits, others with each registration; they stand in the certificate. */
  readonly record: string;
  readonly display_name: string;
  readonly description: string | null;
  readonly notes: JsonObject;
  readonly capabilities: JsonObject;
  /** A public key in PEM, by which Pulp 2 would sign messages to it; kept and shown. */
  readonly rsa_pub: string | null;
  readonly registered: Date;
  /** Those that count, the one that ends first before the others; at most {@link certificatesMax}. */
  readonly certificates: readonly ConsumerCertificate[];
}

export type ConsumerCertificate = {
  /** Lower-case hex without leading zeros. */
  readonly serial: string;
  readonly until: Date;
};

export interface Binding extends StoredDocument {
  /** A digest over the registration, the repository and the distributor. */
  readonly _id: string;
  readonly consumer_id: string;
  /** The `record` of the consumer. */
  readonly record: string;
  readonly repo_id: string;
  readonly distributor_id: string;
  readonly notify_agent: boolean;
  readonly binding_config: JsonObject;
  /** Whether an operator has bound it: what a consumer bound itself to was open then, and opens nothing. */
  readonly is_granted: boolean;
  readonly created: Date;
}

export interface Profile extends StoredDocument {
  /** A digest over the registration and the type. */
  readonly _id: string;
  readonly consumer_id: string;
  readonly record: string;
  /** As `rpm`. */
  readonly content_type: string;
  /** What the client says is installed, as it says it. */
  readonly profile: Value;
  /** SHA-256 of the profile as compact JSON with sorted names, lower-case hex. */
  readonly profile_hash: string;
}

export interface ConsumerGroup extends StoredDocument {
  /** The `id` of the API. */
  readonly _id: string;
  readonly display_name: string | null;
  readonly description: string | null;
  readonly notes: JsonObject;
  /** Some may be deleted meanwhile. At most {@link groupMembersMax}. */
  readonly consumer_ids: readonly string[];
}

/** In Pulp's names. */
export const consumerEventTypes = [
  'consumer_registered',
  'certificate_renewed',
  'repo_bound',
  'repo_unbound',
  'unit_profile_changed',
  'added_to_group',
  'removed_from_group',
] as const;

export type ConsumerEventType = (typeof consumerEventTypes)[number];

export interface ConsumerEvent extends StoredDocument {
  readonly consumer_id: string;
  readonly record: string;
  readonly type: ConsumerEventType;
  /** The login of who did it, or `consumer:` and its own id. */
  readonly originator: string;
  readonly timestamp: Date;
  readonly details: JsonObject;
}

/** Characters of a consumer's and of a group's id; a certificate has to hold the former. */
export const consumerIdCharactersMax = 255;

/** Certificates of one consumer that count; the one that ends first makes room. */
export const certificatesMax = 8;

/** Bindings of one consumer. */
export const bindingsMax = 1000;

/** Profiles of one consumer. */
export const profilesMax = 20;

/** Consumers of one group. */
export const groupMembersMax = 10_000;

/** Events of one consumer that are kept; the oldest go. */
export const eventsMax = 1000;

export const consumersCollection = 'consumers';
export const bindingsCollection = 'consumer_bindings';
export const profilesCollection = 'consumer_profiles';
export const groupsCollection = 'consumer_groups';
export const eventsCollection = 'consumer_history';

/** To be declared where the store is opened. */
export const consumerCollections: readonly CollectionDeclaration[] = [
  { name: consumersCollection, indexes: [] },
  {
    name: bindingsCollection,
    indexes: [{ fields: ['consumer_id', 'repo_id'] }, { fields: ['repo_id', 'distributor_id'] }],
  },
  { name: profilesCollection, indexes: [{ fields: ['consumer_id'] }] },
  {
    name: groupsCollection,
    indexes: [{ fields: ['consumer_ids'], multikey: true }],
  },
  { name: eventsCollection, indexes: [{ fields: ['consumer_id', 'timestamp'] }] },
];
