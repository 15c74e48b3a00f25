/** What tells the commands of one type of repositories from those of another. */

import type { ResourceColumn } from '../present/resources.ts';
import type { ConfigOptions } from './config-options.ts';
import type { UnitUpload } from './unit-upload.ts';

export interface RepositoryFamily {
  /** The word before `repo`, as `rpm`. */
  readonly word: string;
  /** For people, as `Yum repositories`. */
  readonly title: string;
  /** By which pulp-admin tells the types apart: `_repo-type` of the notes. */
  readonly note: string;
  readonly importer: FamilyImporter | undefined;
  readonly distributor: FamilyDistributor;
  /** Pulp's second distributor of a repository, which gets where the first one serves. */
  readonly exporter: string | undefined;
  readonly units: readonly FamilyUnits[];
  /** Whether units need others, which a copy can take with it. */
  readonly hasDependencies: boolean;
}

export interface FamilyImporter {
  /** Of the type and of the importer itself. */
  readonly id: string;
  readonly options: ConfigOptions;
}

export interface FamilyDistributor {
  /** Of the type and of the distributor itself. */
  readonly id: string;
  readonly autoPublish: boolean;
  /** With `serve-http`, `serve-https`, `relative-url` and `auth-ca` among them. */
  readonly options: ConfigOptions;
  /** Without which nothing is made. */
  readonly required?: readonly string[];
  /** What holds where no option says otherwise, by key. */
  readonly defaults: Readonly<Record<string, unknown>>;
}

/** What a repository has: a type of units, or several under one word. */
export interface FamilyUnits {
  /** For people, in the plural, as `RPM packages`. */
  readonly title: string;
  readonly typeIds: readonly string[];
  /** The words of its commands behind `repo`; absent where there is none. */
  readonly words: {
    readonly content: readonly string[];
    readonly copy: readonly string[];
    readonly remove: readonly string[];
    readonly upload?: readonly string[];
  };
  readonly columns: readonly ResourceColumn[];
  readonly upload?: UnitUpload;
}

/** `rpm repo content rpm`, `copy rpm`, `remove rpm`, `uploads rpm`. */
export function wordsOf(word: string, upload: string = word): FamilyUnits['words'] {
  return {
    content: ['content', word],
    copy: ['copy', word],
    remove: ['remove', word],
    upload: ['uploads', upload],
  };
}
