/**
 * A type of repositories: what its units are, how a file becomes one, and how they are published. Each is
 * a folder beside this file and one row of the table in all-types.ts.
 */

import type { Logger } from '../log.ts';
import type { Area, JsonObject, Unit } from '../repositories/documents.ts';
import type { PublicationTree } from '../storage/storage.ts';

export interface RepositoryType {
  /** As `rpm`. */
  readonly name: string;
  readonly unitTypes: readonly UnitType[];
  readonly importers: readonly ImporterType[];
  readonly distributors: readonly DistributorType[];
  /** Programs that it runs. They are looked for at start; without one, its work is refused by name. */
  readonly programs: readonly ProgramNeed[];
}

export interface ProgramNeed {
  /** As `createrepo_c`. */
  readonly program: string;
  /** What has to be installed, by the distribution: `{ debian: 'createrepo-c', fedora: 'createrepo_c' }`. */
  readonly packages: { readonly debian: string; readonly fedora: string };
}

export interface UnitType {
  /** As `rpm`. */
  readonly id: string;
  readonly displayName: string;
  readonly description: string;
  /** The fields that tell units of this type apart. */
  readonly unitKey: readonly string[];
  readonly searchIndexes: readonly string[];
  readonly referencedTypes: readonly string[];
  /** Whether there is a file; a unit without one is all in its fields. */
  readonly hasFile: boolean;
  /**
   * What a file, or the metadata alone, is as a unit. Nothing of it is believed: a name that leads out of
   * its directory, a file that is not what it says, a digest or key that does not agree is refused.
   */
  readonly read: (given: GivenUnit) => Promise<UnitDescription | UnitRefusal>;
}

export interface GivenUnit {
  /** Undefined where `hasFile` is false. */
  readonly file: GivenFile | undefined;
  /** As the client sent them. */
  readonly unitKey: JsonObject;
  readonly unitMetadata: JsonObject;
  readonly signal: AbortSignal;
}

export interface GivenFile {
  /** Readable, with the bytes that the digest is of; nobody changes it. */
  readonly path: string;
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
  /** Makes a directory for what programs write that read it: of this reading alone, and goes after it. */
  readonly workDirectory: () => Promise<string>;
}

export interface UnitDescription {
  /** The unit key and everything else, flat, in the names of the API. */
  readonly fields: JsonObject;
  /** The name to publish the file by, one segment; absent without a file. */
  readonly filename?: string;
  /**
   * Equal values of these fields in another unit of the same type and repository mean that it is replaced,
   * as one package of the same name, version and architecture by another build of it.
   */
  readonly replacesBy?: readonly string[];
}

export interface UnitRefusal {
  /** For the task, as `PLP1005`. */
  readonly code: string;
  /** What is wrong and what would be right. */
  readonly refused: string;
}

export interface ImporterType {
  /** As `yum_importer`. */
  readonly id: string;
  readonly displayName: string;
  /** The ids of the unit types that it takes. */
  readonly unitTypes: readonly string[];
  readonly readConfig: (raw: JsonObject) => ReadConfig;
  /** Names in the configuration that are shown as `*****`. */
  readonly secrets: readonly string[];
}

export interface DistributorType {
  readonly id: string;
  readonly displayName: string;
  readonly unitTypes: readonly string[];
  readonly readConfig: (raw: JsonObject) => ReadConfig;
  readonly secrets: readonly string[];
  /** Options that no override of a single publish may name: who may publish may not say of what. */
  readonly fixed?: readonly string[];
  /** What a distribution of this configuration is; undefined for a distributor that serves nothing. */
  readonly describe: (
    config: JsonObject,
    repositoryId: string,
  ) => DescribedDistribution | undefined;
  /**
   * Whether a tree is served as it lies. Then no publish is left out as unchanged, and there is nothing to
   * go back to.
   */
  readonly isServedInPlace?: true;
  /** Whether its metadata can be signed; the job has no signer otherwise. */
  readonly isSignable?: true;
  /**
   * Fills the tree. The tree is put in place, or thrown away, by who called.
   *
   * @throws TaskFailure for what somebody has to mend; PortcullisError PROGRAM_…, STORAGE_…
   */
  readonly publish: (job: PublishJob) => Promise<PublishSummary>;
}

/** The configuration as it is kept, or everything that is wrong with it. */
export type ReadConfig =
  | { readonly config: JsonObject }
  | { readonly problems: readonly ConfigProblem[] };

export interface ConfigProblem {
  readonly property: string;
  readonly kind: 'missing' | 'invalid' | 'unsupported';
  /** What is wrong and what would be right. */
  readonly message: string;
}

export interface DescribedDistribution {
  readonly area: Area;
  /** Whole segments without a leading or trailing slash. */
  readonly relativeUrl: string;
  readonly http: boolean;
  readonly https: boolean;
  /** PEM text of the CA whose certificates open it; undefined where the distributor names none. */
  readonly authCa: string | undefined;
  readonly gpgKey: string | undefined;
}

export interface PublishJob {
  readonly repositoryId: string;
  readonly distributorId: string;
  readonly config: JsonObject;
  /** The units of a type, in the order of their ids. */
  readonly units: (typeId: string) => AsyncIterable<Unit>;
  readonly tree: PublicationTree;
  /** Where the bytes of an artifact are. @throws TypeError for what is no digest */
  readonly artifactPath: (sha256: string) => string;
  /** The directory of the publication before, to take over what did not change. */
  readonly previous: string | undefined;
  /**
   * The directories of all that clients may still be reading, `previous` among them: a path of one of
   * these must not mean other bytes now, where the metadata can name another.
   */
  readonly kept: readonly string[];
  /** Below which directories a tree may lie that is served as it lies; absolute. */
  readonly directoryRoots: readonly string[];
  /** Signs metadata when a key is configured. */
  readonly signer: MetadataSigner | undefined;
  /** A directory for whatever is no part of the tree; removed afterwards. */
  readonly workDirectory: string;
  /** Told of each step, in Pulp's names. */
  readonly progress: (steps: readonly PublishStep[]) => void;
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly now: Date;
}

export interface MetadataSigner {
  /** A detached, armored signature of the file. */
  readonly signDetached: (file: string, signal: AbortSignal) => Promise<Buffer>;
  /** The file's text with a signature around it (RFC 4880 section 7), as apt's InRelease. */
  readonly signInline: (file: string, signal: AbortSignal) => Promise<Buffer>;
  /** The public key, armored. */
  readonly publicKey: string;
}

/** As Pulp's publish report has it (progress, and `details` of the result). */
export interface PublishStep {
  readonly step_id: string;
  readonly step_type: string;
  readonly description: string;
  readonly state: 'NOT_STARTED' | 'IN_PROGRESS' | 'FINISHED' | 'FAILED' | 'SKIPPED' | 'CANCELLED';
  readonly items_total: number;
  readonly num_processed: number;
  readonly num_success: number;
  readonly num_failures: number;
  readonly error_details: readonly string[];
  readonly details: string;
  readonly sub_steps: readonly [];
}

export interface PublishSummary {
  readonly steps: readonly PublishStep[];
  readonly unitCounts: { readonly [typeId: string]: number };
  /**
   * The tree that is served as it lies, in place of what was filled: an absolute path without links. Absent
   * where the publication has the files.
   */
  readonly directory?: string;
  /** The OpenPGP key, armored, by which the metadata is verified; absent where it was not signed. */
  readonly signingKey?: string | undefined;
}
