/** What Apache's configuration says of Pulp's content: where it is published, and to whom. */

import { type Directive, parseDirectives, type Section } from './apache-directives.ts';
import type { Installation } from './installation.ts';

/** The longest file of Apache's configuration, in bytes. */
export const apacheBytesMax = 1024 * 1024;

export type Scheme = 'http' | 'https';

/** A directory of the installation that Apache publishes below a URL path. */
export interface Publishing {
  /** Without a slash at its end, as `/pulp/repos`. */
  readonly url: string;
  readonly scheme: Scheme;
  readonly directory: string;
  /** The URL path of the application that Apache has it served by; undefined where it serves it itself. */
  readonly servedBy?: string;
}

export interface ApacheFacts {
  /** Whether there is a file of Pulp's at all. */
  readonly isConfigured: boolean;
  readonly publishings: readonly Publishing[];
  /** Whether a client without a certificate of `clientAuthority` is turned away from a repository. */
  requiresCertificate(publishing: Publishing, relativeUrl: string): boolean;
  /** The directives by which Apache asks more of the clients of a repository, as they are written. */
  restrictionsOn(publishing: Publishing, relativeUrl: string): readonly string[];
  /** The CA file by which Apache verifies client certificates. */
  readonly clientAuthority: string | undefined;
  readonly serverCertificate: string | undefined;
  readonly serverKey: string | undefined;
  /** Files and directories of revocation lists. */
  readonly revocationLists: readonly string[];
  /** Whether every CA of a chain has to have one. */
  readonly requiresLists: boolean;
}

const directories = [
  '/etc/httpd/conf.d',
  '/etc/httpd/conf',
  '/etc/apache2/conf.d',
  '/etc/apache2/conf-enabled',
  '/etc/apache2/sites-enabled',
  '/etc/apache2/vhosts.d',
];

/** Pulp includes what is here into its virtual host of port 80. */
const plainDirectory = '/etc/pulp/vhosts80';

/** @throws PortcullisError FILE_UNREADABLE when a file cannot be read: it may close what would be opened */
export async function readApache(installation: Installation): Promise<ApacheFacts> {
  const pulp: Directive[] = [];
  const others: Directive[] = [];
  for (const directory of directories) {
    for (const { name } of await installation.list(directory)) {
      if (!/pulp.*\.conf$/.test(name) && !/ssl\.conf$/.test(name)) continue;
      const read = await directivesOf(installation, `${directory}/${name}`);
      (name.includes('pulp') ? pulp : others).push(...read);
    }
  }
  const plain: Directive[] = [];
  for (const { name } of await installation.list(plainDirectory)) {
    if (!name.endsWith('.conf')) continue;
    plain.push(...(await directivesOf(installation, `${plainDirectory}/${name}`)));
  }
  const all = [...pulp, ...others];
  // Of a setting that stands in several files the one in Pulp's own counts.
  const settingOf = (name: string): string | undefined =>
    all.find((directive) => directive.name === name)?.arguments[0];
  return {
    isConfigured: pulp.length > 0,
    publishings: [...publishingsOf(pulp, undefined), ...publishingsOf(plain, 'http')],
    requiresCertificate: (publishing, relativeUrl) =>
      publishing.scheme === 'https' &&
      all.some((each) => requires(each) && concerns(each, publishing, relativeUrl)),
    restrictionsOn: (publishing, relativeUrl) =>
      [...all, ...plain]
        .filter((each) => restricts(each) && concerns(each, publishing, relativeUrl))
        .map((each) => [each.name, ...each.arguments].join(' ')),
    clientAuthority: settingOf('sslcacertificatefile'),
    serverCertificate: settingOf('sslcertificatefile'),
    serverKey: settingOf('sslcertificatekeyfile'),
    revocationLists: all
      .filter(({ name }) => name === 'sslcarevocationfile' || name === 'sslcarevocationpath')
      .flatMap((directive) => directive.arguments[0] ?? []),
    requiresLists: settingOf('sslcarevocationcheck') === 'chain',
  };
}

async function directivesOf(
  installation: Installation,
  file: string,
): Promise<readonly Directive[]> {
  return parseDirectives((await installation.readText(file, apacheBytesMax)) ?? '');
}

/** @param scheme of everything in these files; undefined where each has its own */
function publishingsOf(
  directives: readonly Directive[],
  scheme: Scheme | undefined,
): readonly Publishing[] {
  const found: Publishing[] = [];
  let condition: Scheme | undefined;
  for (const directive of directives) {
    const [first = '', second = ''] = directive.arguments;
    if (directive.name === 'rewritecond' && first === '%{HTTPS}') {
      condition = /off/.test(second) ? 'http' : 'https';
    }
    if (directive.name === 'alias') {
      const own = scheme ?? (isPlain(directive.sections) ? 'http' : 'https');
      found.push({ url: bare(first), scheme: own, directory: bare(second) });
    }
    if (directive.name !== 'rewriterule') continue;
    const published = rewritten(first, second);
    if (published !== undefined) {
      found.push({ ...published, scheme: scheme ?? condition ?? 'https' });
    }
    condition = undefined;
  }
  return found;
}

/** Since 2.8 `/pulp/repos/X` is rewritten to the content application, with a file's path behind it. */
function rewritten(pattern: string, substitution: string): Omit<Publishing, 'scheme'> | undefined {
  const [, url] = /(\/pulp\/[a-z]+)\//.exec(pattern) ?? [];
  const [, directory] = /^\/pulp\/content(\/.+)\/\$\d$/.exec(substitution) ?? [];
  if (url === undefined || directory === undefined) return undefined;
  return { url, directory, servedBy: '/pulp/content' };
}

function isPlain(sections: readonly Section[]): boolean {
  return sections.some(({ name, argument }) => name === 'virtualhost' && /:80\b/.test(argument));
}

function requires({ name, arguments: [value] }: Directive): boolean {
  return name === 'sslverifyclient' && value?.toLowerCase() === 'require';
}

/** What lets in fewer clients than there are, other than certificates and Pulp itself. */
function restricts({ name, arguments: words }: Directive): boolean {
  const text = words.join(' ').toLowerCase();
  switch (name) {
    case 'require':
      return text !== 'all granted';
    case 'allow':
      return text !== 'from all';
    case 'wsgiaccessscript':
      return !text.endsWith('/repo_auth.wsgi');
    case 'deny':
    case 'authtype':
    case 'sslrequire':
      return true;
    default:
      return false;
  }
}

/** Whether a directive may be about a repository: what cannot be told may. */
function concerns(
  { sections }: Directive,
  { url, servedBy, directory, scheme }: Publishing,
  relativeUrl: string,
): boolean {
  const roots = [url, directory, ...(servedBy === undefined ? [] : [servedBy])];
  const paths = roots.map((root) => `${root}/${relativeUrl}`);
  return sections.every(({ name, argument }) => {
    const path = bare(argument);
    if (name === 'virtualhost') return isPlain([{ name, argument }]) === (scheme === 'http');
    if (name === 'files') return !/\.wsgi$/.test(argument);
    if (name !== 'location' && name !== 'directory') return true;
    return paths.some((each) => holds(path, each) || holds(each, path));
  });
}

/** Whether `path` is `parent`, or lies below it. */
function holds(parent: string, path: string): boolean {
  return path === parent || path.startsWith(`${parent}/`);
}

function bare(path: string): string {
  return path.replace(/\/+$/, '');
}
