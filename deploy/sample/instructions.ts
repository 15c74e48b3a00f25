/** What to try, printed so that each line works when it is pasted into a terminal in the checkout. */

import { administrationTrials } from './administration.ts';
import { urlOf } from './ports.ts';
import type { SamplePasswords } from './setup.ts';

export interface Trial {
  /** What is tried, and what is to be seen. */
  readonly says: string;
  readonly command: string;
}

const metadata = '/pulp/repos/sample/repodata/repomd.xml';
const status = "curl -sS -o /dev/null -w '%{http_code}\\n' --cacert var/ca.pem";
const whatRuns = 'npm run --silent portcullis -- status --config var/portcullis.yaml';
const explain = 'npm run --silent portcullis -- explain --config var/portcullis.yaml';
const dnf = 'dnf --assumeyes --releasever=9 --config=var/dnf/dnf.conf';

/** The starts of lines that play a client. */
export interface ClientCommands {
  /** Shows the status of what is behind it. */
  readonly status: string;
  readonly explain: string;
  readonly dnf: string;
  /** Where clients come. */
  readonly url: string;
  /** dnf installs for root alone. */
  readonly isRoot: boolean;
}

export interface SampleFacts {
  readonly port: number;
  /** dnf installs for root alone. */
  readonly isRoot: boolean;
  /** Whether there is a stats socket to ask. */
  readonly hasStats: boolean;
  /** Whether there is an API to call. */
  readonly hasApi: boolean;
}

export function trials({ port, isRoot, hasStats, hasApi }: SampleFacts): readonly Trial[] {
  const url = `${urlOf(port)}${metadata}`;
  return [
    {
      says: 'An entitled client certificate is let in, and reads the metadata',
      command: `curl -sS --cacert var/ca.pem ${identity('entitled')} ${url}`,
    },
    {
      says: 'So is a user name with its password: 200',
      command: `${status} --user "operator:$(cat var/operator.password)" ${url}`,
    },
    { says: 'Nobody in particular is refused: 401', command: `${status} ${url}` },
    {
      says: "A certificate of a stranger's CA is refused: 401",
      command: `${status} ${identity('stranger')} ${url}`,
    },
    {
      says: 'A wrong password is refused: 401',
      command: `${status} --user operator:wrong ${url}`,
    },
    {
      says: 'Why is the stranger refused?',
      command: `${explain} --cert var/stranger.pem ${metadata}`,
    },
    {
      says: 'And why is the entitled client let in?',
      command: `${explain} --cert var/entitled.pem ${metadata}`,
    },
    ...(hasStats ? [{ says: 'What runs, and what has it done?', command: whatRuns }] : []),
    ...dnfTrials(isRoot),
    ...(hasApi ? administrationTrials({ status, explain, dnf, url: urlOf(port), isRoot }) : []),
  ];
}

/** @param passwords given when they were just made: they are printed this once */
export function instructions(facts: SampleFacts, passwords?: SamplePasswords): string {
  const { port } = facts;
  const lines = trials(facts).flatMap(({ says, command }) => [`  # ${says}`, `  ${command}`, '']);
  return [
    `Portcullis serves the sample at ${urlOf(port)}/pulp/repos/sample/`,
    'The configuration is var/portcullis.yaml',
    ...Object.entries(passwords ?? {}).map(
      ([login, password]) => `The password of the user "${login}": ${password}`,
    ),
    '',
    'To try in another terminal, in this folder:',
    '',
    ...lines,
    'Ctrl-C stops it. Below is the log, with one line for each decision.',
    '',
  ].join('\n');
}

/** dnf installs for root alone; for others it shows what it would. */
function dnfTrials(isRoot: boolean): readonly Trial[] {
  const act = isRoot ? 'install hello-portcullis-extra' : 'repoquery';
  return [
    {
      says: isRoot
        ? 'dnf installs a package with the entitled certificate, into var/dnf/root'
        : 'dnf lists the packages with the entitled certificate; as root it installs them',
      command: `${dnf} --repo=entitled ${act}`,
    },
    {
      says: 'dnf with the certificate of the stranger fails: Status code: 401',
      command: `${dnf} --repo=stranger ${act}`,
    },
  ];
}

function identity(name: string): string {
  return `--cert var/${name}.pem --key var/${name}.key`;
}
