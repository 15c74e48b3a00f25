/** What `portcullis verify` finds. */

export type FindingKind =
  | 'artifact-damaged'
  | 'artifact-missing'
  | 'artifact-unreferenced'
  | 'unit-pending'
  | 'publication-missing'
  | 'publication-unknown'
  | 'publication-unlisted'
  | 'file-missing'
  | 'file-changed'
  | 'file-unexpected'
  | 'upload-unknown';

export interface Finding {
  readonly kind: FindingKind;
  /** The digest of the artifact, or the id of the unit, the publication or the upload. */
  readonly id: string;
  /** In the publication. */
  readonly path?: string;
  /** What is wrong, and what helps where nothing was mended. */
  readonly message: string;
  readonly isRepaired: boolean;
}

/** How much was looked at. */
export interface Checked {
  artifacts: number;
  bytes: number;
  units: number;
  publications: number;
  files: number;
  uploads: number;
}
