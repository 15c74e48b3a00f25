/**
 * The directory in which Pulp publishes a relative URL: its files and its database have that as somebody
 * wrote it, with slashes and dots that lead nowhere else.
 */
export function publishedPath(relativeUrl: string): string {
  return relativeUrl
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/');
}
