/**
 * How a client is configured for what is published. No secret is in it: where one belongs, there is a word in
 * capitals, for whoever has it to write it in.
 */

import { encodePath } from '../http/canonical-path.ts';
import type { CanonicalPath } from '../model.ts';

/** What a client shows. */
export type ClientCredential =
  | { readonly kind: 'none' }
  /** PEM files of the client, absolute; without a key the certificate's file has it. */
  | { readonly kind: 'certificate'; readonly certificate: string; readonly key: string | undefined }
  | { readonly kind: 'password'; readonly user: string }
  /** As the password of any user. */
  | { readonly kind: 'token' }
  /** As the first segment below the distribution. */
  | { readonly kind: 'token-in-path' };

export interface ClientSource {
  readonly repository: string;
  /** For people. */
  readonly name: string;
  /** Scheme, host and port, as `https://packages.example.com`. */
  readonly origin: string;
  /** Begins with a slash and does not end with one. */
  readonly path: string;
  /** The URL of the key that packages are verified by; undefined where nothing is. */
  readonly keyUrl: string | undefined;
  /** The key that metadata is verified by, armored; undefined where it is not signed. */
  readonly signingKey: string | undefined;
  /** A file of the client with the CA of the front, absolute; undefined: the client trusts it already. */
  readonly caFile: string | undefined;
  readonly credential: ClientCredential;
}

/** A file of the client's host. */
export interface ClientFile {
  readonly path: string;
  readonly text: string;
}

/** What stands for secrets that only the client has. */
export const secretWords = { password: 'PASSWORD', token: 'TOKEN' } as const;

/** The user name beside a token: any is right. */
const userOfToken = 'token';

/** For dnf and yum. */
export function yumClientFiles(source: ClientSource): readonly ClientFile[] {
  const { repository, name, keyUrl, signingKey, caFile, credential } = source;
  const metadataKeyUrl = signingKey && `${urlOf(source)}/repodata/repomd.xml.key`;
  const keyUrls = [keyUrl, metadataKeyUrl].filter((url) => url !== undefined);
  const lines = [
    `[${repository}]`,
    `name=${oneLine(name)}`,
    `baseurl=${urlOf(source)}/`,
    'enabled=1',
    `gpgcheck=${keyUrl === undefined ? 0 : 1}`,
    ...(signingKey === undefined ? [] : ['repo_gpgcheck=1']),
    ...(keyUrls.length === 0 ? [] : [`gpgkey=${keyUrls.join(' ')}`]),
    'sslverify=1',
    ...(caFile === undefined ? [] : [`sslcacert=${caFile}`]),
    ...yumCredential(credential),
  ];
  return [{ path: `/etc/yum.repos.d/${repository}.repo`, text: joined(lines) }];
}

function yumCredential(credential: ClientCredential): readonly string[] {
  switch (credential.kind) {
    case 'certificate': {
      const { certificate, key = certificate } = credential;
      return [`sslclientcert=${certificate}`, `sslclientkey=${key}`];
    }
    case 'password':
      return [`username=${credential.user}`, `password=${secretWords.password}`];
    case 'token':
      return [`username=${userOfToken}`, `password=${secretWords.token}`];
    default:
      return [];
  }
}

export interface AptSource extends ClientSource {
  readonly suite: string;
  readonly component: string;
}

/** For apt, with what it has to show in files of its own. */
export function aptClientFiles(source: AptSource): readonly ClientFile[] {
  const { repository, name, suite, component, signingKey, caFile, credential } = source;
  const lines = [
    'Types: deb',
    `URIs: ${urlOf(source)}`,
    `Suites: ${suite}`,
    `Components: ${component}`,
    `X-Repolib-Name: ${oneLine(name)}`,
    // Without a key apt takes nothing that it is not told to trust.
    ...(signingKey === undefined ? ['Trusted: yes'] : ['Signed-By:', ...keyLines(signingKey)]),
  ];
  const tls = aptTlsLines(source.origin, credential, caFile);
  return [
    { path: `/etc/apt/sources.list.d/${repository}.sources`, text: joined(lines) },
    ...(tls.length === 0
      ? []
      : [{ path: `/etc/apt/apt.conf.d/90-${repository}`, text: joined(tls) }]),
    ...aptLogin(source),
  ];
}

function keyLines(key: string): readonly string[] {
  return key
    .trim()
    .split(/\r?\n/)
    .map((line) => (line.trim() === '' ? ' .' : ` ${line}`));
}

function aptTlsLines(
  origin: string,
  credential: ClientCredential,
  caFile: string | undefined,
): readonly string[] {
  const scope = `Acquire::https::${origin.replace(/^https?:\/\//, '').replace(/:\d+$/, '')}`;
  const settings: Record<string, string> = {};
  if (caFile !== undefined) settings.CaInfo = caFile;
  if (credential.kind === 'certificate') {
    settings.SslCert = credential.certificate;
    settings.SslKey = credential.key ?? credential.certificate;
  }
  return Object.entries(settings).map(([name, file]) => `${scope}::${name} "${file}";`);
}

/** apt 1.5 and later read it; it has to be readable by its user alone. */
function aptLogin({ repository, origin, path, credential }: ClientSource): readonly ClientFile[] {
  if (credential.kind !== 'password' && credential.kind !== 'token') return [];
  const isToken = credential.kind === 'token';
  const user = isToken ? userOfToken : credential.user;
  const secret = isToken ? secretWords.token : secretWords.password;
  const machine = `${origin.replace(/^https:\/\//, '')}${encodePath(path as CanonicalPath)}`;
  const text = `machine ${machine} login ${user} password ${secret}\n`;
  return [{ path: `/etc/apt/auth.conf.d/${repository}.conf`, text }];
}

/** For curl: its configuration for the list of the files. */
export function curlClientFiles(source: ClientSource): readonly ClientFile[] {
  const { repository, caFile, credential } = source;
  const lines = [
    `url = "${urlOf(source)}/PULP_MANIFEST"`,
    ...(caFile === undefined ? [] : [`cacert = "${caFile}"`]),
    ...curlCredential(credential),
  ];
  return [{ path: `${repository}.curlrc`, text: joined(lines) }];
}

function curlCredential(credential: ClientCredential): readonly string[] {
  switch (credential.kind) {
    case 'certificate': {
      const { certificate, key = certificate } = credential;
      return [`cert = "${certificate}"`, `key = "${key}"`];
    }
    case 'password':
      return [`user = "${credential.user}:${secretWords.password}"`];
    case 'token':
      return [`user = "${userOfToken}:${secretWords.token}"`];
    default:
      return [];
  }
}

function urlOf({ origin, path, credential }: ClientSource): string {
  const url = origin + encodePath(path as CanonicalPath);
  return credential.kind === 'token-in-path' ? `${url}/${secretWords.token}` : url;
}

/** What is written into a line ends no line of its own. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

function joined(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
