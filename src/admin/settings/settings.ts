/** The settings of `portcullis-admin`: those of pulp-admin's files that mean something here. */

import { homedir, hostname } from 'node:os';
import path from 'node:path';

export interface AdminSettings {
  readonly host: string;
  readonly port: number;
  /** Without a slash at its end. */
  readonly apiPrefix: string;
  readonly verifyTls: boolean;
  /** A file of certificates, or a directory of such; undefined for the system's. */
  readonly caPath: string | undefined;
  /** Where the session certificate is, with its key. */
  readonly sessionFile: string;
  /** Where it is kept which uploads are under way. */
  readonly uploadDirectory: string;
  /** What is sent with one call, in bytes. */
  readonly uploadChunkBytes: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Whether a file names a proxy, which is not used. */
  readonly namesProxy: boolean;
}

interface Declaration {
  /** One sentence for docs/admin.md. */
  readonly text: string;
  readonly default: string;
  /** What is right, for the message; undefined where everything is. */
  readonly expected?: string;
  readonly isRight?: (value: string) => boolean;
}

const truths = ['true', 'yes', 'on', '1'];
const untruths = ['false', 'no', 'off', '0'];

/** By section and key. */
export const adminSettings: Readonly<Record<string, Declaration>> = {
  'server.host': {
    text: 'The server, by the name that is in its certificate.',
    default: 'the name of this host',
    expected: 'a host name or an IP address',
    isRight: (value) => /^[A-Za-z0-9._:[\]-]{1,255}$/.test(value),
  },
  'server.port': {
    text: 'Its port for HTTPS.',
    default: '443',
    expected: 'a number from 1 to 65535',
    isRight: (value) => /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535,
  },
  'server.api_prefix': {
    text: 'Where the API begins.',
    default: '/pulp/api',
    expected: 'a path that begins with a slash',
    isRight: (value) => /^\/[A-Za-z0-9._~/-]*$/.test(value),
  },
  'server.verify_ssl': {
    text: 'Whether the certificate of the server is verified. Without it, anybody on the way can read the password.',
    default: 'true',
    expected: 'true or false',
    isRight: (value) => [...truths, ...untruths].includes(value.toLowerCase()),
  },
  'server.upload_chunk_size': {
    text: 'How much of a file one call sends, in bytes.',
    default: '1048576',
    expected: 'a number from 1024 to 1073741824',
    isRight: (value) =>
      /^\d{4,10}$/.test(value) && Number(value) >= 1024 && Number(value) <= 1_073_741_824,
  },
  'server.ca_path': {
    text: 'The CA of the certificate of the server: a file of PEM certificates, or a directory of such files.',
    default: "the system's",
  },
  'filesystem.id_cert_dir': {
    text: 'The directory of the session certificate.',
    default: '~/.pulp',
  },
  'filesystem.id_cert_filename': {
    text: 'The file of the session certificate in it.',
    default: 'user-cert.pem',
    expected: 'a file name without a slash',
    isRight: (value) => !value.includes('/') && value !== '' && !/^\.\.?$/.test(value),
  },
  'filesystem.upload_working_dir': {
    text: 'The directory where it is kept which uploads are under way, so that they can be resumed.',
    default: '~/.pulp/uploads',
  },
  'auth.username': {
    text: 'The user, where -u names none. With a password here, no session certificate is used.',
    default: '',
  },
  'auth.password': {
    text: 'The password of that user. The file must be readable by its owner alone.',
    default: '',
  },
};

/** @param values by section and key; each is right by its declaration, and an empty one is none */
export function settingsOf(values: ReadonlyMap<string, string>): AdminSettings {
  const directory = values.get('filesystem.id_cert_dir') || '~/.pulp';
  const file = values.get('filesystem.id_cert_filename') || 'user-cert.pem';
  const caPath = values.get('server.ca_path');
  return {
    host: (values.get('server.host') || hostname()).replace(/^\[(.*)\]$/, '$1'),
    port: Number(values.get('server.port') || 443),
    apiPrefix: (values.get('server.api_prefix') || '/pulp/api').replace(/\/+$/, ''),
    verifyTls: !untruths.includes((values.get('server.verify_ssl') || 'true').toLowerCase()),
    caPath: caPath ? expandHome(caPath) : undefined,
    sessionFile: path.join(expandHome(directory), file),
    uploadDirectory: expandHome(values.get('filesystem.upload_working_dir') || '~/.pulp/uploads'),
    uploadChunkBytes: Number(values.get('server.upload_chunk_size') || 1_048_576),
    username: values.get('auth.username') || undefined,
    password: values.get('auth.password') || undefined,
    namesProxy: Boolean(values.get('server.proxy_host')),
  };
}

function expandHome(file: string): string {
  return /^~(?:\/|$)/.test(file) ? path.join(homedir(), file.slice(1)) : path.resolve(file);
}
