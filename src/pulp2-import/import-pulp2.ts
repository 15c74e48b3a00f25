/** Reads a Pulp 2 installation and says what the equivalent configuration is. */

import path from 'node:path';
import { pathPrefix } from '../config/kinds/urls.ts';
import { Place, show } from '../config/place.ts';
import { PortcullisError } from '../errors.ts';
import { type ApacheFacts, type Publishing, readApache } from './apache.ts';
import { type Distribution, planDistributions } from './distributions.ts';
import { readDistributors } from './distributors.ts';
import { noteLinks, noteTrees, noteUnpublished, noteWhole } from './general-notes.ts';
import { IniSettings } from './ini-settings.ts';
import { Installation } from './installation.ts';
import { planListings } from './listings.ts';
import { Notes } from './notes.ts';
import { readProtection } from './protection.ts';
import { defaultPublishings, findRepositories, urlOf } from './published.ts';
import { type Rendered, renderConfiguration } from './render.ts';
import { repoAuthFile } from './repo-auth.ts';

const serverFile = '/etc/pulp/server.conf';

export interface ImportOptions {
  /** The directory that is `/` for the installation. */
  readonly root: string;
  /** Where trees of our own will stand, absolute; undefined where Pulp's are served. */
  readonly trees: string | undefined;
  /** Authenticators whose answer is not missed. */
  readonly withoutAuthenticators: readonly string[];
  /** Whether what Apache asks of clients besides certificates is not missed. */
  readonly ignoresRestrictions: boolean;
  /** An export of the collection `repo_distributors`, on this host. */
  readonly distributors: string | undefined;
}

export interface Pulp2Import {
  readonly installation: Installation;
  readonly distributions: readonly Distribution[];
  /** PEM of CAs by the name of the file that the configuration refers to. */
  readonly authorities: ReadonlyMap<string, string>;
  readonly notes: Notes;
  /** The configuration, with the notes there are by now. */
  render(): string;
}

/** @throws PortcullisError FILE_UNREADABLE when it cannot be told what Pulp did */
export async function readPulp2(options: ImportOptions): Promise<Pulp2Import> {
  const installation = await Installation.open(options.root);
  const notes = new Notes();
  const storage = await readStorage(installation);
  const apache = await readApache(installation);
  const publishings = await publishingsOf(apache, { installation, storage, notes });
  const { withoutAuthenticators, ignoresRestrictions } = options;
  const distributors =
    options.distributors === undefined ? undefined : await readDistributors(options.distributors);
  const protection = await readProtection({
    ...{ installation, apache, publishings, distributors, notes },
    ...{ withoutAuthenticators, ignoresRestrictions },
  });
  const repositories = await findRepositories(installation, publishings, notes);
  const parts = { installation, protection, trees: options.trees };
  const own = await planDistributions(repositories, parts);
  const distributions = [...own, ...(await planListings(repositories, own, parts))];
  const prefixes = prefixesOf(protection.auth.urlPrefixes, notes);
  const server = await serverOf(apache, installation);
  noteUnpublished(protection, repositories);
  noteWhole(protection, own);
  if (options.trees === undefined) await noteLinks(installation, own, notes);
  else noteTrees(notes);
  return {
    ...{ installation, distributions, notes },
    authorities: authoritiesOf(distributions),
    render: () =>
      renderConfiguration({ ...{ distributions, notes: notes.all(), prefixes, server } }),
  };
}

/** @throws PortcullisError FILE_UNREADABLE when there is no Pulp 2 at all */
async function readStorage(installation: Installation): Promise<string> {
  const settings = await IniSettings.read(installation, serverFile);
  if (settings === undefined && (await installation.find(repoAuthFile)) === undefined) {
    throw new PortcullisError(
      'FILE_UNREADABLE',
      `Cannot find a Pulp 2 in ${installation.root}: there is neither ${installation.onHost(serverFile)} nor ${installation.onHost(repoAuthFile)}; --root names the directory that is / for it`,
    );
  }
  return settings?.path('server', 'storage_dir')?.replace(/\/+$/, '') ?? '/var/lib/pulp';
}

/** Apache's, where there is a configuration of it; what leads nowhere is where Pulp publishes. */
async function publishingsOf(
  apache: ApacheFacts,
  {
    installation,
    storage,
    notes,
  }: { readonly installation: Installation; readonly storage: string; readonly notes: Notes },
): Promise<readonly Publishing[]> {
  const defaults = defaultPublishings(storage);
  if (!apache.isConfigured) {
    notes.add(
      'to do',
      'there is no configuration of Apache for Pulp: it is taken to have published what Pulp ships, over HTTPS and plain HTTP',
    );
    return defaults;
  }
  const carried: Publishing[] = [];
  for (const publishing of apache.publishings) {
    const usual = defaults.find(
      ({ url, scheme }) => url === publishing.url && scheme === publishing.scheme,
    );
    const place = await installation.find(publishing.directory);
    if (usual !== undefined) carried.push(place === undefined ? usual : publishing);
    else if (place?.kind === 'directory' && (await installation.list(place.path)).length > 0) {
      notes.add(
        'not carried over',
        `what Apache publishes below ${publishing.url} over ${publishing.scheme}: declare distributions of what is in ${installation.onHost(publishing.directory)}`,
      );
    }
  }
  return carried;
}

function prefixesOf(urlPrefixes: readonly string[], notes: Notes): readonly string[] {
  const prefixes = [`${urlOf.yum}/`, `${urlOf.iso}/`];
  for (const each of urlPrefixes) {
    const prefix = path.posix.join('/', each, '/');
    if (prefixes.includes(prefix) || prefix === '/pulp/ostree/web/') continue;
    const isRight = pathPrefix.parse(prefix, new Place('', '/', [])) !== undefined;
    const isOwn = !prefixes.some((one) => one.startsWith(prefix) || prefix.startsWith(one));
    if (isRight && isOwn) prefixes.push(prefix);
    else notes.add('not carried over', `the prefix ${show(each)} of repo_url_prefixes`);
  }
  return prefixes;
}

/** The certificate of the front, when both its files are there. */
async function serverOf(
  { serverCertificate: certificate, serverKey: key }: ApacheFacts,
  installation: Installation,
): Promise<Rendered['server']> {
  if (certificate === undefined || key === undefined) return undefined;
  const found = await Promise.all([certificate, key].map((file) => installation.find(file)));
  return found.every((place) => place?.kind === 'file')
    ? { certificate: installation.onHost(certificate), key: installation.onHost(key) }
    : undefined;
}

function authoritiesOf(distributions: readonly Distribution[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const grant of distributions.flatMap(({ access }) => access)) {
    if (grant.rule !== 'public') found.set(grant.authority.name, grant.authority.pem);
  }
  return found;
}
