/** Which of the applications of a pool serves a request, and the target that it sees. Pure. */

import { canonicalizePath, segmentPrefixes } from '../http/canonical-path.ts';

export interface Mounted<Application> {
  readonly application: Application;
  /** The prefix as the client wrote it; empty for the root. */
  readonly prefix: string;
  /** Path below the prefix, and query: it begins with `/`. */
  readonly target: string;
}

/** @returns undefined for a path that could be read in two ways */
export type FindApplication<Application> = (
  target: string,
  /** Where the front says that we are mounted, decoded; empty for the root. */
  scriptName: string,
) => Mounted<Application> | undefined;

/**
 * The longest prefix of whole segments wins, and the root where none fits; without mounts the root
 * serves every target. Where there are mounts only a canonical path is served: of `/a/../b` the front
 * reads one prefix and an application may read another, and a guard on either would be passed (T20).
 *
 * @param mounts by their decoded prefix, as `/blog`
 */
export function createFindApplication<Application>(
  root: Application,
  mounts: ReadonlyMap<string, Application>,
): FindApplication<Application> {
  const segmentsMax = Math.max(0, ...[...mounts.keys()].map(countSegments));
  return (target, scriptName) => {
    if (mounts.size === 0 && scriptName === '') return { application: root, prefix: '', target };
    const canonical = canonicalizePath(target);
    if (!canonical.ok) return undefined;
    let found = { application: root, mount: '' };
    for (const prefix of segmentPrefixes(canonical.path, segmentsMax)) {
      const application = mounts.get(prefix);
      if (application !== undefined) found = { application, mount: prefix };
    }
    const mount =
      found.mount === '' && isBelow(canonical.path, scriptName) ? scriptName : found.mount;
    return { application: found.application, ...cut(target, countSegments(mount)) };
  };
}

function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}

function countSegments(prefix: string): number {
  return prefix.split('/').length - 1;
}

/** A canonical path has as many slashes as the target, since no escape in it stands for one. */
function cut(
  target: string,
  segments: number,
): { readonly prefix: string; readonly target: string } {
  const queryAt = target.indexOf('?');
  const pathEnd = queryAt === -1 ? target.length : queryAt;
  let end = 0;
  for (let count = 0; count < segments; count += 1) {
    const next = target.indexOf('/', end + 1);
    end = next === -1 || next > pathEnd ? pathEnd : next;
  }
  const rest = target.slice(end);
  return { prefix: target.slice(0, end), target: rest.startsWith('/') ? rest : `/${rest}` };
}
