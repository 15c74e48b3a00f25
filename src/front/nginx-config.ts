/** The configuration of nginx for one configuration of Portcullis. */

import { uploadsPath } from '../api-error.ts';
import type { Configuration } from '../config/configuration.ts';
import { contentLocations } from './nginx-content.ts';
import {
  edgeDirectives,
  edgeLocations,
  edgeMaps,
  hasEdge,
  refuseEdgeWithoutFiles,
} from './nginx-edge.ts';
import { accessLogDirective, logMaps, quietErrorLog } from './nginx-logs.ts';
import { passDirectives, uwsgiCertificateCharactersMax } from './nginx-pass.ts';
import { dollarVariable, indent, quote } from './nginx-quote.ts';
import { apiPrefix, refusalLocations, refusalMaps, refusalPages } from './nginx-refusals.ts';
import { type Upstream, type Upstreams, upstreamBlock, upstreamsOf } from './nginx-upstream.ts';

/**
 * Renders what stands in the `http` block of nginx 1.22 or later: one upstream and one server.
 *
 * @throws PortcullisError CONFIG_INVALID when nginx could not do what the configuration asks for
 */
export function renderNginxConfig(configuration: Configuration): string {
  const upstreams = upstreamsOf(configuration);
  refuseEdgeWithoutFiles(configuration, upstreams.main);
  const used = [...new Set([upstreams.main, upstreams.api ?? upstreams.main])];
  return `# nginx in front of Portcullis, written by \`portcullis nginx-config\`; to be included in the http block.
# Needs nginx 1.22 or later. One such file for one nginx: its names would clash with a second one's.

${used.map(upstreamBlock).join('\n')}

${maps(used)}
${hasEdge(configuration) ? `${edgeMaps(configuration, upstreams.main)}\n` : ''}
server {
${indent(serverDirectives(configuration, upstreams))}
}
`;
}

function maps(upstreams: readonly Upstream[]): string {
  const protocols = new Set(upstreams.map(({ protocol }) => protocol));
  const ofProtocols = [
    ...(protocols.has('uwsgi') ? [certificateSizeMap] : []),
    ...(protocols.has('http') ? [hostMap] : []),
  ];
  return `# A dollar sign, which no string of nginx can hold by itself.
geo $${dollarVariable} {
  default "$";
}
# A connection that was opened for one name asks for no other (RFC 9110 section 7.4): what a client
# was asked for there may differ. A client that names no host in its handshake uses the address.
map "$ssl_server_name $host" $portcullis_misdirected {
  default 1;
  "~^ " 0;
  "~*^(?<portcullis_asked_name>[^ ]+) \\k<portcullis_asked_name>$" 0;
}
${ofProtocols.join('\n')}
${logMaps()}
${refusalMaps()}`;
}

const certificateSizeMap = `# A uwsgi packet holds 65,535 bytes, and the other parameters need room in it too.
map $ssl_client_raw_cert $portcullis_certificate_too_large {
  default 0;
  "~^[\\s\\S]{${uwsgiCertificateCharactersMax + 1}}" 1;
}`;

const hostMap = `# HTTP/1.0 has no Host, and HTTP/1.1 behind nginx needs one.
map $http_host $portcullis_host {
  default $http_host;
  "" $host;
}`;

function serverDirectives(configuration: Configuration, { main, api }: Upstreams): string {
  const { nginx, limits } = configuration;
  const { retryAfterSeconds } = configuration.access;
  const listen = nginx.listen.map((address) => `listen ${address} ssl http2;`).join('\n');
  return `${listen}
server_name ${nginx.serverName};

ssl_certificate ${quote(nginx.certificate)};
ssl_certificate_key ${quote(nginx.key)};
ssl_protocols TLSv1.2 TLSv1.3;
# Every certificate is asked for and none is verified here: Portcullis verifies it against the CA of
# the rule that asks, and believes no verdict of ours.
ssl_verify_client optional_no_ca;
# A session of another server of this nginx is never resumed here, nor one of ours there. Another
# server that asks for client certificates on the same address needs these two lines as well.
ssl_session_tickets off;
ssl_session_cache off;

server_tokens off;
underscores_in_headers off;
client_max_body_size ${limits.bodyBytes};
sendfile on;
${accessLogDirective(nginx)}
# A file that vanished before nginx opened it is a 404 in the access log.
log_not_found off;
${hasEdge(configuration) ? edgeDirectives() : ''}# Packages are compressed already, and a compressed answer would lose its ranges and its ETag.
gzip off;

if ($portcullis_misdirected) {
  return 421;
}
${refusalPages()}
error_page 418 = @portcullis_quiet;
recursive_error_pages on;

location / {
  if ($portcullis_has_secret) {
    return 418;
  }
${indent(sizeGuard(main) + passDirectives(main))}
}
# What has a secret in its path or query.
location @portcullis_quiet {
${indent(`${quietErrorLog}\n${sizeGuard(main)}${passDirectives(main)}`)}
}

${apiLocation(configuration, api)}${contentLocations(configuration, main)}${hasEdge(configuration) ? edgeBlock(configuration, main) : ''}${refusalLocations({ refusalLog: nginx.refusalLog, retryAfterSeconds })}`;
}

function edgeBlock(configuration: Configuration, upstream: Upstream): string {
  return `location @portcullis_pass {
${indent(sizeGuard(upstream) + passDirectives(upstream))}
}
${edgeLocations(configuration, upstream)}`;
}

/** In the location, because a listener for HTTP beside it would take what uwsgi cannot. */
function sizeGuard({ protocol }: Upstream): string {
  return protocol === 'uwsgi' ? 'if ($portcullis_certificate_too_large) {\n  return 431;\n}\n' : '';
}

function apiLocation(
  { api: { bodyBytes }, storage }: Configuration,
  api: Upstream | undefined,
): string {
  if (api === undefined) return '';
  const pass = indent(sizeGuard(api) + passDirectives(api));
  const prefix = api.protocol === 'uwsgi' ? 'uwsgi' : 'proxy';
  return `# The API. nginx takes the whole body before it asks Portcullis, and sends it once.
location ${apiPrefix} {
  client_max_body_size ${bodyBytes};
${pass}
}
# Files are passed on as they come: Portcullis counts their bytes, and writes them once.
location ${uploadsPath} {
  client_max_body_size ${storage.uploadBytesMax};
  ${prefix}_request_buffering off;
${pass}
}

`;
}
