/** How nginx passes a request to Portcullis: over uwsgi, or over HTTP with keep-alive. */

import type { HttpListener } from '../config/configuration.ts';
import { triesMax, type Upstream } from './nginx-upstream.ts';

/**
 * The longest certificate, in characters of PEM, that nginx passes over uwsgi. A packet holds 65,535
 * bytes (ngx_http_uwsgi_module answers 500 beyond), and the other parameters need room in it too.
 */
export const uwsgiCertificateCharactersMax = 60_000;

/** How long a connection to a worker may take, in seconds. */
const connectSeconds = 5;

/** By how much nginx waits longer for a response than Portcullis lets a request take, in seconds. */
const graceSeconds = 5;

/** For the `location` of every request. */
export function passDirectives(upstream: Upstream): string {
  const pass =
    upstream.protocol === 'uwsgi'
      ? uwsgiDirectives(upstream.name)
      : httpDirectives(upstream.name, upstream.listener);
  return `${pass}\n${retryDirectives(upstream)}`;
}

/**
 * For the location of a question: Portcullis is told what the parameters of every request say, and nothing
 * that the client sent but the target. What it answers is kept for as long as it says.
 *
 * @param location where the question is asked
 * @param key a string of nginx
 */
export function askDirectives(upstream: Upstream, location: string, key: string): string {
  const ask =
    upstream.protocol === 'uwsgi'
      ? askOverUwsgi(upstream.name, location)
      : askOverHttp(upstream.name, upstream.listener, location);
  const prefix = upstream.protocol === 'uwsgi' ? 'uwsgi' : 'proxy';
  return `${ask}
${prefix}_pass_request_headers off;
${prefix}_pass_request_body off;
${prefix}_intercept_errors on;
# It holds the key, and what is answered.
${prefix}_buffer_size 8k;
${prefix}_cache portcullis_decisions;
${prefix}_cache_key ${key};
${retryDirectives(upstream)}`;
}

/**
 * A request that may have changed something is tried once: `non_idempotent` is left out. One whose
 * worker died is tried again for as long as it may take, and one that took longer is not.
 */
function retryDirectives({ protocol, requestSeconds }: Upstream): string {
  const prefix = protocol === 'uwsgi' ? 'uwsgi' : 'proxy';
  const seconds = Math.ceil(requestSeconds);
  return `# When a worker dies, another one is asked, as long as the client has got nothing.
${prefix}_next_upstream error timeout;
${prefix}_next_upstream_tries ${triesMax};
${prefix}_next_upstream_timeout ${seconds}s;
${prefix}_connect_timeout ${connectSeconds}s;
# Longer than limits.requestSeconds, so that Portcullis answers and says why.
${prefix}_read_timeout ${seconds + graceSeconds}s;`;
}

/**
 * The parameters that a client cannot set: none begins with HTTP_. There is no REMOTE_USER, because
 * `$remote_user` is the name in an Authorization header that nobody has verified (T06).
 */
const uwsgiParameters: Readonly<Record<string, string>> = {
  QUERY_STRING: '$query_string',
  REQUEST_METHOD: '$request_method',
  CONTENT_TYPE: '$content_type',
  CONTENT_LENGTH: '$content_length',
  REQUEST_URI: '$request_uri',
  PATH_INFO: '$document_uri',
  SERVER_PROTOCOL: '$server_protocol',
  REQUEST_SCHEME: '$scheme',
  HTTPS: '$https if_not_empty',
  REMOTE_ADDR: '$remote_addr',
  REMOTE_PORT: '$remote_port',
  SERVER_PORT: '$server_port',
  SERVER_NAME: '$server_name',
  REQUEST_ID: '$request_id',
  SSL_SERVER_NAME: '$ssl_server_name if_not_empty',
  SSL_CLIENT_CERT: '$ssl_client_raw_cert if_not_empty',
  SSL_CLIENT_VERIFY: '$ssl_client_verify',
};

function passOverUwsgi(
  name: Upstream['name'],
  parameters: Readonly<Record<string, string>> = uwsgiParameters,
): string {
  const lines = Object.entries(parameters).map(
    ([parameter, value]) => `uwsgi_param ${parameter} ${value};`,
  );
  return `uwsgi_pass ${name};
${lines.join('\n')}`;
}

function askOverUwsgi(name: Upstream['name'], location: string): string {
  return passOverUwsgi(name, {
    ...uwsgiParameters,
    QUERY_STRING: '""',
    REQUEST_METHOD: 'GET',
    CONTENT_TYPE: '""',
    CONTENT_LENGTH: '""',
    REQUEST_URI: `${location}$request_uri`,
  });
}

function uwsgiDirectives(name: Upstream['name']): string {
  return `${passOverUwsgi(name)}
# A shared cache would give one client's content to another.
uwsgi_cache off;
uwsgi_max_temp_file_size 0;`;
}

/** Names under which fronts hand over what they know; those that are not ours are taken off (T01). */
const identityHeaders = [
  'Client-Cert',
  'Client-Cert-Chain',
  'Forwarded',
  'Remote-User',
  'SSL-Client-Cert',
  'SSL-Client-Verify',
  'X-Client-Cert',
  'X-Client-Verify',
  'X-Forwarded-Client-Cert',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-Forwarded-Tls-Client-Cert',
  'X-Forwarded-User',
  'X-Real-IP',
  'X-Remote-User',
  'X-SSL-Cert',
  'X-SSL-Client-Cert',
  'X-SSL-Client-Verify',
];

function httpDirectives(upstream: Upstream['name'], { headers }: HttpListener): string {
  return `# Without a URI, so that the target arrives as the client sent it.
proxy_pass http://${upstream};
proxy_http_version 1.1;
${headerDirectives(headers)}
# A shared cache would give one client's content to another.
proxy_cache off;
proxy_max_temp_file_size 0;`;
}

function askOverHttp(name: Upstream['name'], { headers }: HttpListener, location: string): string {
  return `proxy_pass http://${name}${location}$request_uri;
proxy_method GET;
proxy_http_version 1.1;
${headerDirectives(headers)}`;
}

function headerDirectives(headers: HttpListener['headers']): string {
  const set = new Map<string, string>([
    ...identityHeaders.map((name): [string, string] => [name, '""']),
    ['Host', '$portcullis_host'],
    ['Connection', '""'],
  ]);
  const values = {
    clientCertificate: '$ssl_client_escaped_cert',
    clientVerify: '$ssl_client_verify',
    clientAddress: '$remote_addr',
    scheme: '$scheme',
    // nginx authenticates nobody here, so whatever a client sends under this name is taken off.
    remoteUser: '""',
  };
  for (const [fact, value] of Object.entries(values)) {
    const name = headers[fact as keyof typeof values];
    if (name === undefined) continue;
    for (const known of set.keys())
      if (known.toLowerCase() === name.toLowerCase()) set.delete(known);
    set.set(name, value);
  }
  return [...set].map(([name, value]) => `proxy_set_header ${name} ${value};`).join('\n');
}
