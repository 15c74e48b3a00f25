/** Where nginx finds the files of a distribution when X-Accel-Redirect names one. */

/**
 * The internal location of one distribution; begins and ends with `/`.
 *
 * The segment `!` ends the relative URL, which cannot hold one. Without it a path inside `acme`
 * could be a path of the distribution `acme/el9` too: a symbolic link inside `acme` that leads to
 * its own directory `el9` would then read the other distribution's files.
 *
 * @param internalPrefix begins and ends with `/`
 */
export function internalLocation(internalPrefix: string, relativeUrl: string): string {
  return `${internalPrefix}${relativeUrl}/!/`;
}

/**
 * The one internal location of all publications, so that nginx need not be told of a new one. The segment
 * `!` before it is of no distribution, as in {@link internalLocation}.
 */
export function publicationsLocation(internalPrefix: string): string {
  return `${internalPrefix}!/publications/`;
}

/**
 * Of a tree below one of `repositories.directoryRoots`, and of such a root itself: nginx knows the roots, and the
 * rest of the path is the same there and here.
 *
 * @param directory absolute path
 */
export function directoryLocation(internalPrefix: string, directory: string): string {
  return `${internalPrefix}!/directories${directory}/`;
}

/** Of one publication, in {@link publicationsLocation}. @param id 24 hexadecimal digits */
export function publicationLocation(internalPrefix: string, id: string): string {
  return `${publicationsLocation(internalPrefix)}${id}/`;
}
