/** `/etc/pulp/repo_auth.conf`: how Pulp 2 protects repositories. */

import { IniSettings } from './ini-settings.ts';
import type { Installation } from './installation.ts';
import type { Notes } from './notes.ts';

export const repoAuthFile = '/etc/pulp/repo_auth.conf';

export interface RepoAuth {
  /** Whether anything is asked at all. */
  readonly isEnabled: boolean;
  /** Names, trimmed; Pulp itself does not trim them. */
  readonly disabledAuthenticators: readonly string[];
  /** How many certificates of a CA file count. */
  readonly certificatesMax: number;
  /** The URL prefixes below which Pulp knows the path of a repository, as `/pulp/repos`. */
  readonly urlPrefixes: readonly string[];
  /** Where each repository has a directory for its CA. */
  readonly bundleDirectory: string;
  readonly globalBundleDirectory: string;
  readonly listingFile: string;
  /** Where Pulp up to 2.4 looked for revocation lists: directories. */
  readonly revocationLists: readonly string[];
}

const bundles = '/etc/pki/pulp/content';

/** Without the file, the values that Pulp ships, but switched on: nobody is let in for its want. */
export async function readRepoAuth(installation: Installation, notes: Notes): Promise<RepoAuth> {
  const settings = await IniSettings.read(installation, repoAuthFile);
  if (settings === undefined) {
    notes.add(
      'stricter',
      `there is no ${installation.onHost(repoAuthFile)}: repositories are protected as if it switched that on`,
    );
  }
  const auth = {
    isEnabled: settings?.boolean('main', 'enabled') ?? settings === undefined,
    disabledAuthenticators: listOf(settings?.text('main', 'disabled_authenticators')),
    certificatesMax: settings?.count('main', 'max_num_certs_in_chain') ?? 100,
    urlPrefixes: listOf(
      settings?.text('main', 'repo_url_prefixes') ?? '/pulp/repos,/pulp/ostree/web',
    ),
    bundleDirectory: settings?.path('repos', 'cert_location') ?? bundles,
    globalBundleDirectory: settings?.path('repos', 'global_cert_location') ?? bundles,
    listingFile:
      settings?.path('repos', 'protected_repo_listing_file') ?? `${bundles}/pulp-protected-repos`,
    revocationLists: [settings?.path('crl', 'location') ?? []].flat(),
  };
  if (settings?.boolean('main', 'verify_ssl') === false) {
    notes.add(
      'stricter',
      'verify_ssl is false, so that Pulp trusted the web server with the chain; the chain of every certificate is verified here',
    );
  }
  for (const key of ['log_failed_cert', 'log_failed_cert_verbose']) settings?.text('main', key);
  settings?.noteUnknown(notes);
  return auth;
}

function listOf(text = ''): readonly string[] {
  return text.split(/[,\n]/).flatMap((item) => item.trim() || []);
}
