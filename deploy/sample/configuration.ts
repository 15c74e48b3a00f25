/** The sample's configuration, written to be read, and to be copied from. */

import { loopback, urlOf } from './ports.ts';

/** The unix socket between nginx and Portcullis. */
export const socketName = 'portcullis.sock';
/** The unix socket at which Portcullis tells what it is doing. */
const statsName = 'stats.sock';

export interface SampleFront {
  readonly type: 'nginx' | 'built-in';
  readonly port: number;
}

export function sampleConfiguration({ type, port }: SampleFront): string {
  return `# The configuration of the Portcullis sample: made by the first \`npm start\`, and yours from then
# on; later starts leave it as it is. docs/configuration.md describes every setting. To check what you
# changed: npm run portcullis -- check --config var/portcullis.yaml
# Relative paths start at the folder of this file.

# How many processes serve; \`auto\` is one for each core. A primary starts them and watches over them.
workers: 2
# What they do: serve content, answer the API that portcullis-admin calls, and do its tasks.
roles: [content, api, tasks]

# The users, roles and sessions of the API, and what repositories have. The CA that signs sessions is
# made beside it, and the files of repositories lie in storage/.
store:
  file: portcullis.db

# Where clients come: for the configuration that is written for them, and for signed links.
content:
  origin: ${urlOf(port)}
api:
  links:
    keys: url-keys
    origin: ${urlOf(port)}

${type === 'nginx' ? nginxSections(port) : builtInSection(port)}
# Who may read what portcullis-admin publishes, where a repository is made with \`--policy entitled\`:
# hosts with a certificate of our CA, customers with a token, and whoever has a signed link.
policies:
  entitled:
    any:
      - certificate: { ca: ca.pem }
      - token: {}
      - signed-url: { keys: url-keys }

# What is served of folders, to whom. Each distribution is a folder, served under /pulp/repos/ and /pulp/isos/.
# Its policy is a tree of any, all and not over rules; without one, nobody gets in.
distributions:
  # A yum repository for two kinds of client: those with a certificate of our CA, as entitled hosts
  # have, and those with a user name and password, as people have.
  - relativeUrl: sample
    root: repository
    listing: true
    access:
      any:
        - certificate: { ca: ca.pem }
        - password: { file: htpasswd }

  # The same files, for people alone, and from this machine alone.
  - relativeUrl: staff/sample
    root: repository
    listing: true
    access:
      all:
        - password: { file: htpasswd }
        - address: { allow: [127.0.0.0/8, '::1/128'] }

  # The same files, for users of the API: those who have the role \`customers\`, by their password,
  # and administrators, by the session that portcullis-admin has begun.
  - relativeUrl: customers/sample
    root: repository
    listing: true
    access:
      any:
        - password: { roles: [customers] }
        - session: { roles: [super-users] }

  # The certificate of our CA, for everybody: that nobody is asked has to be written, too.
  - relativeUrl: public
    root: public
    access:
      public:
`;
}

function nginxSections(port: number): string {
  return `# nginx terminates TLS and sends the files; Portcullis decides who may have which. nginx asks over
# uwsgi, on a socket that nobody else may open, and is told what to send by X-Accel-Redirect.
listen:
  uwsgi:
    address: unix:${socketName}
    handOff: x-accel-redirect

# From this, \`portcullis nginx-config\` renders nginx's part.
nginx:
  serverName: localhost
  listen: ['${loopback}:${port}']
  certificate: server.pem
  key: server.key
  refusalLog: nginx/refusals.log

# What runs is told here: to \`portcullis status\`, and to uwsgitop.
monitor:
  stats:
    address: unix:${statsName}
`;
}

function builtInSection(port: number): string {
  return `# No nginx was found at the first start: Portcullis terminates TLS and sends the files itself.
listen:
  tls:
    address: ${loopback}:${port}
    certificate: server.pem
    key: server.key
`;
}
