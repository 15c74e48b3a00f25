/** Trees like those of real Pulp 2 servers, as its packages and its distributors write them. */

import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

export interface Pulp2 extends TemporaryDirectory {
  /** Writes a file of the installation; missing directories are made. */
  write(file: string, text: string): void;
  /** Takes a file or directory away. */
  remove(file: string): void;
  publishYum(repository: PublishedYum): void;
  publishIso(repository: PublishedIso): void;
  /** Writes the listing of protected repositories, from relative URLs to ids. */
  protect(listing: Readonly<Record<string, string>>): void;
  /** Writes the CA of a repository, or the global one where there is no id. */
  bundle(ca: string, id?: string): void;
}

export interface PublishedYum {
  readonly id: string;
  readonly relativeUrl: string;
  readonly schemes?: readonly ('http' | 'https')[];
  /** Names of packages, or a directory with a repository. */
  readonly content?: readonly string[] | string;
}

export interface PublishedIso {
  readonly id: string;
  readonly files: Readonly<Record<string, string>>;
}

export interface Pulp2Options {
  /** Lines of the section [main]. */
  readonly auth?: readonly string[];
  /** As puppet-pulp writes it for servers where every client needs a certificate. */
  readonly verifyClient?: 'optional' | 'require';
}

export const bundles = '/etc/pki/pulp/content';
const published = '/var/lib/pulp/published';
const publishedAt = '1510851622.66';

export function createPulp2(options: Pulp2Options = {}): Pulp2 {
  const directory = temporaryDirectory();
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(directory.file(`.${file}`)), { recursive: true });
    writeFileSync(directory.file(`.${file}`), text);
  };
  write('/etc/pulp/server.conf', serverConf);
  write('/etc/pulp/repo_auth.conf', repoAuthConf(options.auth ?? ['enabled: true']));
  write('/etc/httpd/conf.d/pulp.conf', pulpConf);
  write('/etc/httpd/conf.d/pulp_content.conf', contentConf(options.verifyClient ?? 'optional'));
  write('/etc/httpd/conf.d/pulp_rpm.conf', rpmConf);
  write('/etc/pulp/vhosts80/rpm.conf', plainConf);
  for (const made of [`${published}/yum/https/repos`, `${published}/yum/http/repos`, '/var/www']) {
    mkdirSync(directory.file(`.${made}`), { recursive: true });
  }
  symlinkSync('/var/lib/pulp/published', directory.file('var/www/pub'));
  const parts = { directory, write };
  return {
    ...directory,
    write,
    remove: (file) => rmSync(directory.file(`.${file}`), { recursive: true }),
    publishYum: (repository) => publishYum(parts, repository),
    publishIso: (repository) => publishIso(parts, repository),
    protect: (listing) =>
      write(
        `${bundles}/pulp-protected-repos`,
        Object.entries(listing)
          .map((line) => `${line.join(',')}\n`)
          .join(''),
      ),
    bundle: (ca, id) => {
      const own = `${bundles}/${id}/consumer-${id}`;
      write(id === undefined ? `${bundles}/pulp-global-repo.ca` : `${own}.ca`, ca);
      if (id !== undefined) write(`${own}.cert`, 'certificate and key of consumers\n');
    },
    [Symbol.dispose]: directory[Symbol.dispose],
  };
}

interface Parts {
  readonly directory: TemporaryDirectory;
  write(file: string, text: string): void;
}

/** The tree with metadata and links to packages, links to the tree, and listings above these. */
function publishYum({ directory, write }: Parts, repository: PublishedYum): void {
  const { id, relativeUrl, schemes = ['https'], content = ['walrus'] } = repository;
  const tree = `${published}/yum/master/yum_distributor/${id}/${publishedAt}`;
  if (typeof content === 'string') {
    const isPublished = (name: string): boolean => !path.basename(name).startsWith('.');
    cpSync(content, directory.file(`.${tree}`), { recursive: true, filter: isPublished });
  } else {
    write(`${tree}/repodata/repomd.xml`, `<repomd of="${id}"/>`);
    for (const name of content) write(`${tree}/${name}.rpm`, `package ${name}`);
  }
  linkPackages(directory, tree);
  for (const scheme of schemes) {
    const link = `${published}/yum/${scheme}/repos/${relativeUrl}`;
    const parents = relativeUrl.split('/').slice(0, -1);
    for (let depth = 0; depth <= parents.length; depth += 1) {
      const parent = ['', ...parents.slice(0, depth)].join('/');
      const child = relativeUrl.split('/')[depth] ?? '';
      write(`${published}/yum/${scheme}/repos${parent}/listing`, child);
    }
    symlinkSync(tree, directory.file(`.${link}`));
  }
}

/** Packages lie in the storage of units; the tree has links to them. */
function linkPackages(directory: TemporaryDirectory, tree: string): void {
  for (const name of readdirSync(directory.file(`.${tree}`))) {
    if (!name.endsWith('.rpm')) continue;
    const digest = createHash('sha256').update(`${tree}/${name}`).digest('hex');
    const unit = `/var/lib/pulp/content/units/rpm/${digest.slice(0, 2)}/${digest.slice(2)}`;
    mkdirSync(directory.file(`.${unit}`), { recursive: true });
    renameSync(directory.file(`.${tree}/${name}`), directory.file(`.${unit}/${name}`));
    symlinkSync(`${unit}/${name}`, directory.file(`.${tree}/${name}`));
  }
}

/** A directory with a manifest, and a link for each file. */
function publishIso({ directory, write }: Parts, { id, files }: PublishedIso): void {
  const tree = `${published}/https/isos/${id}`;
  write(`${tree}/PULP_MANIFEST`, Object.keys(files).join('\n'));
  for (const [name, text] of Object.entries(files)) {
    const unit = `/var/lib/pulp/content/units/iso/${id}/${name}`;
    write(unit, text);
    symlinkSync(unit, directory.file(`.${tree}/${name}`));
  }
}

function repoAuthConf(lines: readonly string[]): string {
  return `# Repository authentication.
[main]
log_failed_cert: true
log_failed_cert_verbose: false
${lines.join('\n')}

[repos]
cert_location: ${bundles}
global_cert_location: ${bundles}
protected_repo_listing_file: ${bundles}/pulp-protected-repos
`;
}

const serverConf = `# = Database =
[database]
# name: pulp_database
# seeds: localhost:27017
username: pulp
password: a secret of the database

[server]
# server_name: server_hostname
# storage_dir: /var/lib/pulp
default_login: admin

[security]
# cacert: /etc/pki/pulp/ca.crt
# cakey: /etc/pki/pulp/ca.key
`;

const pulpConf = `# Apache configuration file for pulp web services
SSLProtocol all -SSLv2 -SSLv3
SSLInsecureRenegotiation on
SSLCACertificateFile /etc/pki/pulp/ca.crt
WSGIProcessGroup pulp
WSGIScriptAlias /pulp/api /usr/share/pulp/wsgi/webservices.wsgi
<Files webservices.wsgi>
    SSLRequireSSL
    SSLVerifyDepth 3
    SSLOptions +StdEnvVars +ExportCertData
    SSLVerifyClient optional
</Files>
<VirtualHost *:80>
    IncludeOptional /etc/pulp/vhosts80/*.conf
</VirtualHost>
`;

function contentConf(verifyClient: string): string {
  return `WSGIScriptAlias /pulp/content "/usr/share/pulp/wsgi/content.wsgi" \\
    process-group=pulp-content application-group=pulp-content
<Location /pulp/content>
    XSendFile on
    XSendFilePath /var/lib/pulp/content
    XSendFilePath /var/lib/pulp/published
    SSLVerifyClient ${verifyClient}
    SSLVerifyDepth 9
    SSLOptions +StdEnvVars +ExportCertData +FakeBasicAuth
</Location>
`;
}

const rpmConf = `# -- Yum repositories
<Location /pulp/repos/>
  RewriteEngine On
  RewriteCond %{HTTPS} on
  RewriteRule (.+/pulp/repos/)(.*) /pulp/content/var/www/pub/yum/https/repos/$2 [DPI]
  RewriteCond %{HTTPS} off
  RewriteRule (.+/pulp/repos/)(.*) /pulp/content/var/www/pub/yum/http/repos/$2 [DPI]
</Location>

# -- Exports and ISOs over HTTPS
Alias /pulp/exports /var/www/pub/yum/https/exports
Alias /pulp/isos /var/www/pub/https/isos
<Directory /var/www/pub/https/isos>
    WSGIAccessScript /usr/share/pulp/wsgi/repo_auth.wsgi
    SSLRequireSSL
    SSLVerifyClient optional_no_ca
    SSLVerifyDepth 2
    SSLOptions +StdEnvVars +ExportCertData +FakeBasicAuth
    Options FollowSymLinks Indexes
</Directory>
`;

const plainConf = `Alias /pulp/isos /var/www/pub/http/isos
Alias /pulp/exports /var/www/pub/yum/http/exports
`;
