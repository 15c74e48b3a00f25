/**
 * Where packages lie in a tree, so that a path never means other bytes than it does in a publication
 * that clients may still be reading: then the package goes below its digest.
 */

import { statSync } from 'node:fs';
import path from 'node:path';
import type { Artifact } from '../repositories/documents.ts';
import type { PublishJob } from './repository-type.ts';

/** Digits of the digest in a path, of 64. */
const digestDigits = 16;

/** @param usual where the package of this name lies when nothing else does, as `Packages/a/a-1.rpm` */
export type PlacePackage = (usual: string, artifact: Artifact) => string;

/** @param root as `Packages`; below it lie the packages that have to give way */
export function createPackagePaths(
  { kept, artifactPath }: Pick<PublishJob, 'kept' | 'artifactPath'>,
  root: string,
): PlacePackage {
  const taken = new Map<string, string>();
  return (usual, artifact) => {
    const { sha256, filename } = artifact;
    const isFree = (taken.get(usual) ?? sha256) === sha256 && !isOtherwiseKept(usual, artifact);
    const place = isFree ? usual : `${root}/${sha256.slice(0, digestDigits)}/${filename}`;
    taken.set(place, sha256);
    return place;
  };

  function isOtherwiseKept(usual: string, { sha256 }: Artifact): boolean {
    if (kept.length === 0) return false;
    const artifact = identityOf(artifactPath(sha256));
    return kept.some((directory) => {
      const there = identityOf(path.join(directory, usual));
      return there !== undefined && there !== artifact;
    });
  }
}

/** Publications and artifacts are links to the same files. One look takes microseconds. */
function identityOf(file: string): string | undefined {
  const status = statSync(file, { throwIfNoEntry: false, bigint: true });
  return status === undefined ? undefined : `${status.dev}:${status.ino}`;
}
