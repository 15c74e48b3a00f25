/** A directory: its listing for people or programs, or the redirect to its own spelling. */

import type { IncomingMessage } from 'node:http';
import { PortcullisError } from '../errors.ts';
import { encodePath } from '../http/canonical-path.ts';
import type { CanonicalPath } from '../model.ts';
import type { Delivery, DeliveryRequest, Undelivered } from './delivery.ts';
import type { FoundDirectory } from './find.ts';
import { type Listing, readListing } from './listing.ts';
import { listingHtml, listingSecurityPolicy } from './listing-html.ts';
import { listingJson } from './listing-json.ts';
import { commonHeaders, respond } from './respond.ts';

type DirectoryDelivery = DeliveryRequest<FoundDirectory>;

/** Without listings there is no directory: not even a redirect tells of it. */
export async function deliverDirectory(
  delivery: DirectoryDelivery,
): Promise<Delivery | Undelivered> {
  if (!delivery.distribution.listing) throw notListed(delivery);
  return delivery.path.endsWith('/') ? sendListing(delivery) : redirect(delivery);
}

/** Relative to the request's own URL, so that no Host header has a say in it (T39b). */
async function redirect(delivery: DirectoryDelivery): Promise<Delivery> {
  const { path, response, settings } = delivery;
  return respond(response, 301, {
    ...commonHeaders(settings.cacheControl),
    Location: redirectLocation(path),
    'Content-Length': 0,
  });
}

/** @param path of a directory, without a slash at its end */
export function redirectLocation(path: CanonicalPath): string {
  return `${encodePath(path.slice(path.lastIndexOf('/') + 1))}/`;
}

async function sendListing(delivery: DirectoryDelivery): Promise<Delivery | Undelivered> {
  const { request, response, settings } = delivery;
  const query = queryOf(request);
  const listing = await readListing(delivery.found, {
    page: pageOf(query),
    pageEntries: settings.listingPageEntries,
    visibleDotNames: settings.visibleDotNames,
  });
  if (listing === undefined) throw notListed(delivery);
  const { contentType, body } = render(delivery, listing, wantsJson(request, query));
  const bytes = Buffer.byteLength(body);
  const refusal = request.method === 'GET' ? await delivery.settle?.(bytes) : undefined;
  if (refusal !== undefined) return { refusal };
  const headers = {
    ...commonHeaders(settings.cacheControl),
    'Content-Security-Policy': listingSecurityPolicy,
    // The address of the page may have a token in it (T62).
    'Referrer-Policy': 'no-referrer',
    Vary: 'Accept',
    'Content-Type': contentType,
    'Content-Length': bytes,
  };
  return respond(response, 200, headers, body);
}

function render(
  delivery: DirectoryDelivery,
  listing: Listing,
  json: boolean,
): { readonly contentType: string; readonly body: string } {
  return json
    ? { contentType: 'application/json', body: listingJson(listing) }
    : {
        contentType: 'text/html; charset=utf-8',
        body: listingHtml(listing, delivery.distribution.relativeUrl, delivery.pathInDistribution),
      };
}

/** The query of a listing is the one query that is read; it chooses a page and a form, nothing else. */
function queryOf(request: IncomingMessage): URLSearchParams {
  const url = request.url ?? '';
  const at = url.indexOf('?');
  return new URLSearchParams(at === -1 ? '' : url.slice(at + 1));
}

/** Anything but a plain number is the first page. */
function pageOf(query: URLSearchParams): number {
  const page = query.get('page') ?? '';
  return /^[1-9][0-9]{0,5}$/.test(page) ? Number(page) : 1;
}

/** Browsers accept HTML by name; programs that want JSON ask for it by name. */
function wantsJson(request: IncomingMessage, query: URLSearchParams): boolean {
  const format = query.get('format');
  if (format !== null) return format === 'json';
  const accept = request.headers.accept ?? '';
  return accept.includes('application/json') && !accept.includes('text/html');
}

function notListed(delivery: DirectoryDelivery): PortcullisError {
  return new PortcullisError(
    'NOT_FOUND',
    `Cannot list "${delivery.path}": the distribution has no listings, or no such page`,
  );
}
