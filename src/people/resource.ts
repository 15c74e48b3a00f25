/**
 * Resources: the paths of the API as permissions name them, in one spelling, `/v2/repositories/acme/`.
 * What is granted at a resource is granted at all below it, whole segment by whole segment; what is
 * granted at `/` is granted everywhere.
 */

declare const normal: unique symbol;

/** Begins and ends with `/`; is `/` alone, or begins with `/v2/`. Only {@link readResource} makes one. */
export type Resource = string & { readonly [normal]: true };

/** Bytes of a resource in UTF-8. */
export const resourceBytesMax = 1024;

/** Segments of a resource: as many and one more grants are looked up for a request. */
export const resourceSegmentsMax = 32;

/** Everything. */
export const rootResource = '/' as Resource;

/**
 * The one spelling of what a person writes or a request asks for. Pulp 2 compared texts as they had
 * been typed, so that a grant of `/pulp/api/v2/tasks` was kept and meant nothing; here `/pulp/api` and
 * missing or doubled slashes make no difference, and what could match no request is a problem.
 *
 * @param text decoded, without a query
 */
export function readResource(
  text: string,
): { readonly resource: Resource } | { readonly problem: string } {
  if (text === '/') return { resource: rootResource };
  // The length in UTF-16 first: it is at most the length in bytes, and costs nothing.
  if (text.length > resourceBytesMax || Buffer.byteLength(text) > resourceBytesMax) {
    return { problem: `it is longer than ${resourceBytesMax} bytes` };
  }
  if (/[\p{Cc}%?#\\]/u.test(text) || !text.isWellFormed()) {
    return { problem: 'it has a character that no path of the API has' };
  }
  const all = text.split('/').filter((segment) => segment !== '');
  const segments = all[0] === 'pulp' && all[1] === 'api' ? all.slice(2) : all;
  if (segments[0] !== 'v2') return { problem: 'it is neither "/" nor begins with "/v2/"' };
  if (segments.length > resourceSegmentsMax) {
    return { problem: `it has more than ${resourceSegmentsMax} segments` };
  }
  if (segments.includes('.') || segments.includes('..')) {
    return { problem: 'it has a segment "." or ".."' };
  }
  return { resource: `/${segments.join('/')}/` as Resource };
}

/**
 * The resource that `segments` lead to from `/v2/`.
 *
 * @throws TypeError when one of them is no segment, as a name with a slash: a defect of the caller
 */
export function resourceOf(...segments: readonly string[]): Resource {
  const read = readResource(`/v2/${segments.join('/')}/`);
  if ('problem' in read) throw new TypeError(`Cannot name a resource: ${read.problem}`);
  if (segments.some((segment) => segment === '' || segment.includes('/'))) {
    throw new TypeError('Cannot name a resource: a name in it is empty or has a slash');
  }
  return read.resource;
}

/** Itself, and all that it lies in, up to `/`: where a grant for it can stand. */
export function coveringResources(resource: Resource): readonly Resource[] {
  const covering: Resource[] = [resource];
  for (let end = resource.length - 1; end > 0; ) {
    end = resource.lastIndexOf('/', end - 1);
    covering.push(resource.slice(0, end + 1) as Resource);
  }
  return covering;
}
