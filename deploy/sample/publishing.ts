/** How a repository is made, filled, published, read and taken back, with a session of the administrator. */

import type { ClientCommands, Trial } from './instructions.ts';

const repository = 'demo';
const packages = 'var/repository';
const identity = '--certificate "$PWD/var/entitled.pem" --key "$PWD/var/entitled.key"';

/** @param commands `admin` is the start of a line of portcullis-admin */
export function publishingTrials({
  admin,
  ...client
}: ClientCommands & { readonly admin: string }): readonly Trial[] {
  const repo = (command: string, options: string): string =>
    `${admin} rpm repo ${command} --repo-id ${repository} ${options}`.trim();
  const upload = (name: string): string =>
    repo('uploads rpm', `--file ${packages}/${name}-1.0-1.noarch.rpm`);
  return [
    {
      says: 'The administrator makes a repository, for those whom a policy of var/portcullis.yaml lets in',
      command: repo('create', '--policy entitled'),
    },
    { says: 'uploads a package, which publishes it', command: upload('hello-portcullis') },
    {
      says: 'and another one, which publishes both',
      command: upload('hello-portcullis-extra'),
    },
    {
      says: 'and has the configuration of a client written',
      command: `${repo('client-config', `--credential certificate ${identity} --ca "$PWD/var/ca.pem"`)} > var/dnf/repos.d/${repository}.repo`,
    },
    ...readingTrials(admin, client),
    {
      says: 'The administrator goes back to the publication before, in which the first package is alone',
      command: repo('rollback', ''),
    },
    {
      says: 'A second later dnf finds that one alone',
      command: `sleep 1; ${client.dnf} --repo=${repository} repoquery`,
    },
  ];
}

/** What each kind of client gets of it. */
function readingTrials(
  admin: string,
  { status, explain, dnf, url, isRoot }: ClientCommands,
): readonly Trial[] {
  const metadata = `/pulp/repos/${repository}/repodata/repomd.xml`;
  const act = isRoot
    ? `--installroot="$PWD/var/dnf/${repository}" install hello-portcullis-extra`
    : 'repoquery';
  const link = `${admin} link create --distribution ${repository} --path repodata/repomd.xml --for 1m`;
  return [
    {
      says: isRoot
        ? `dnf installs from it, into var/dnf/${repository}`
        : 'dnf lists what is in it; as root it installs from it',
      command: `${dnf} --repo=${repository} ${act}`,
    },
    {
      says: 'The administrator makes a token for a customer, which is good for ten downloads',
      command: `${admin} token create --customer acme --distribution ${repository} --downloads 10 > var/acme.token`,
    },
    {
      says: 'A second later it lets the customer in',
      command: `sleep 1; ${status} --user "acme:$(cat var/acme.token)" ${url}${metadata}`,
    },
    {
      says: 'A link lets in whoever has it, for a minute',
      command: `${status} "$(${link})"`,
    },
    {
      says: 'Why is the stranger refused there?',
      command: `${explain} --cert var/stranger.pem ${metadata}`,
    },
  ];
}
