/**
 * Decisions that nginx remembers: it asks Portcullis once for each client and distribution (or path), and
 * serves from the root by itself for as long as it was told to.
 *
 * Only requests of one plain form go this way, in which nothing can be read in two ways: a GET without
 * credentials, conditions or a query, for a path that nginx and Portcullis read letter by letter. All
 * others, and whatever is then not served, are passed on as if there were none of this.
 */

import type { Configuration } from '../config/configuration.ts';
import { errorDescriptors, PortcullisError } from '../errors.ts';
import { defaultMediaType, mediaTypesByExtension, plainTextNames } from '../http/media-types.ts';
import { edgeAnswers, edgeDecidedHeader, edgeLocation } from './edge-question.ts';
import { accessLogDirective, decisionLogDirective, quietErrorLog } from './nginx-logs.ts';
import { askDirectives } from './nginx-pass.ts';
import { byLocation, indent, quote, quoteWithoutVariables } from './nginx-quote.ts';
import { bodyRefusalPage } from './nginx-refusals.ts';
import type { Upstream } from './nginx-upstream.ts';

/** Mebibytes of shared memory for the keys of decisions: some 8,000 in a mebibyte. */
const keysMebibytes = 16;

/** The most that decisions take on the disk, in mebibytes; each takes a block of it. */
const diskMebibytes = 512;

/** Files that each worker of nginx keeps open for a second. */
const openFilesMax = 256;

/** The longest path that goes this way, in bytes: it is a part of the key. */
const pathBytesMax = 1024;

/** Whether nginx shall remember decisions. */
export function hasEdge({ nginx }: Configuration): boolean {
  return nginx.edgeDecisionSeconds > 0;
}

/** @throws PortcullisError CONFIG_INVALID when nginx does not send the files */
export function refuseEdgeWithoutFiles(configuration: Configuration, upstream: Upstream): void {
  const { protocol, listener } = upstream;
  if (!hasEdge(configuration) || listener.handOff === 'x-accel-redirect') return;
  throw new PortcullisError(
    'CONFIG_INVALID',
    `Cannot write a configuration of nginx: nginx.edgeDecisionSeconds lets nginx serve by itself, and listen.${protocol}.handOff is ${listener.handOff}; set it to x-accel-redirect, or nginx.edgeDecisionSeconds to 0`,
  );
}

/** For the `http` block. */
export function edgeMaps(configuration: Configuration, upstream: Upstream): string {
  const { nginx } = configuration;
  const isUwsgi = upstream.protocol === 'uwsgi';
  const tooLarge = isUwsgi ? '$portcullis_certificate_too_large' : '0';
  return `# Decisions that are remembered, until Portcullis says.
${isUwsgi ? 'uwsgi' : 'proxy'}_cache_path ${quote(nginx.decisionCache)} levels=1:2 use_temp_path=off
  keys_zone=portcullis_decisions:${keysMebibytes}m max_size=${diskMebibytes}m inactive=${nginx.edgeDecisionSeconds}s;
# A GET without credentials, conditions or a query, for a path that can be read in one way alone. What has
# no extension and yet a media type is passed on, too.
map "$request_method \${portcullis_has_secret}${tooLarge}|$http_authorization|$http_if_match$http_if_none_match$http_if_modified_since$http_if_unmodified_since|$request_uri" $portcullis_is_plain {
  default 0;
  "~^GET 00\\|\\|\\|(?=.{1,${pathBytesMax}}$)(?!.*/(?:${[...plainTextNames].map(literal).join('|')})$)(?:/${plainSegment})+$" 1;
}
# After the clock was set back, what was remembered before it is over.
map $msec $portcullis_hundred_seconds {
  "~^([0-9]+)[0-9][0-9]\\." $1;
}
map $request_time $portcullis_milliseconds {
  default 0;
  "~^0\\.0*([1-9][0-9]*)$" $1;
  "~^([1-9][0-9]*)\\.([0-9]+)$" $1$2;
}
# As Portcullis's own. Nothing in it needs an escape: the path is plain, and the decision is JSON.
log_format portcullis_decisions escape=none '{"time":"$time_iso8601","level":"info","message":"request",'
  '"requestId":"$request_id","method":"GET","path":"$uri",$portcullis_decided,"address":"$remote_addr",'
  '"outcome":"allow","status":$status,"delivery":"front","bytes":$body_bytes_sent,'
  '"milliseconds":$portcullis_milliseconds}';`;
}

/** What RFC 3986 lets stand as it is, and the one escape that names of packages have. */
const plainSegment = '(?:[A-Za-z0-9_~+@:,=-]|%2[Bb])(?:[A-Za-z0-9._~+@:,=-]|%2[Bb])*';

function literal(name: string): string {
  return name.replaceAll('.', '\\.');
}

/** For the `server` block, beside the locations. */
export function edgeDirectives(): string {
  return `types_hash_max_size 4096;
types {
${mediaTypeLines()}
}
default_type ${defaultMediaType};
auth_request_set $portcullis_decided $upstream_http_${edgeDecidedHeader.toLowerCase().replaceAll('-', '_')};
`;
}

function mediaTypeLines(): string {
  const extensions = Map.groupBy(Object.entries(mediaTypesByExtension()), ([, type]) => type);
  return [...extensions]
    .map(([type, entries]) => `  ${type} ${entries.map(([extension]) => extension).join(' ')};`)
    .join('\n');
}

/** For the `server` block: the questions, and what is served by their answers. */
export function edgeLocations(configuration: Configuration, upstream: Upstream): string {
  const { content, distributions } = configuration;
  const served = distributions
    .flatMap(({ relativeUrl, root }) =>
      content.prefixes.map((prefix) => ({ location: `${prefix}${relativeUrl}/`, root })),
    )
    .sort((one, other) => byLocation(one.location, other.location))
    .map((place) => edgeLocationOf(place, configuration));
  return `# What is asked before a file is served by a decision that nginx remembers. All that Portcullis is told
# is in the key: nobody else's decision is found by it.
location = ${edgeLocation(content.internalPrefix, 'distribution')} {
  internal;
${indent(askDirectives(upstream, edgeLocation(content.internalPrefix, 'distribution'), keyOf('$portcullis_scope')))}
  error_page ${edgeAnswers.askByPath} = @portcullis_ask_by_path;
  error_page ${edgeAnswers.pass} = @portcullis_pass_on;
}
location @portcullis_ask_by_path {
${indent(askDirectives(upstream, edgeLocation(content.internalPrefix, 'path'), keyOf('$request_uri')))}
  error_page ${edgeAnswers.pass} = @portcullis_pass_on;
}
location @portcullis_pass_on {
  return 403;
}
location @portcullis_range {
  ${accessLogDirective(configuration.nginx)}
  ${decisionLogDirective(configuration.nginx)}
  types { }
  default_type text/plain;
  # It has the headers of the file already.
  return 416 ${quote(`${errorDescriptors.RANGE_NOT_SATISFIABLE.publicText}\n`)};
}
${served.join('\n')}

`;
}

/** No part of it has a space in it. */
function keyOf(scope: string): string {
  return quote(`${scope} $remote_addr $ssl_client_fingerprint $portcullis_hundred_seconds`);
}

function edgeLocationOf(
  { location, root }: { readonly location: string; readonly root: string },
  configuration: Configuration,
): string {
  const { content, nginx } = configuration;
  return `location ^~ ${quote(location)} {
  if ($portcullis_has_secret) {
    return 418;
  }
  if ($portcullis_is_plain = 0) {
    return 419;
  }
  set $portcullis_scope ${quote(location)};
  auth_request ${edgeLocation(content.internalPrefix, 'distribution')};
  alias ${quoteWithoutVariables(`${root}/`)};
  disable_symlinks on ${quoteWithoutVariables(`from=${root}`)};
  # For the two looks that follow, and for whoever asks for the same within the second.
  open_file_cache max=${openFilesMax} inactive=2s;
  open_file_cache_valid 1s;
  # A directory, and what is not there, is Portcullis's to say.
  try_files $uri @portcullis_pass;
  error_page 401 403 404 419 500 = @portcullis_pass;
  error_page 416 = @portcullis_range;
  error_page 418 = @portcullis_quiet;
  ${bodyRefusalPage()}
${indent(quietErrorLog)}
  ${accessLogDirective(nginx)}
  ${decisionLogDirective(nginx)}
  max_ranges ${content.rangesMax};
  etag on;
  add_header Cache-Control ${quoteWithoutVariables(content.cacheControl)} always;
  add_header X-Content-Type-Options nosniff always;
}`;
}
