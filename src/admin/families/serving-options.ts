/** The options of distributors that say where something is served, how, and to whom. */

import type { ConfigOptions } from './config-options.ts';

export const servingOptions: ConfigOptions = {
  'relative-url': {
    key: 'relative_url',
    kind: 'text',
    text: 'Where it is served below the prefix of its area. The path of the feed unless given, and without a feed the id of the repository.',
  },
  'serve-http': {
    key: 'http',
    kind: 'flag',
    text: 'Whether it is served over plain HTTP; false unless given. Who may read it is asked there as well.',
  },
  'serve-https': {
    key: 'https',
    kind: 'flag',
    text: 'Whether it is served over TLS; true unless given.',
  },
  'auth-ca': {
    key: 'auth_ca',
    kind: 'file',
    text: 'The CA of the certificates that open it, PEM; registered consumers that are bound to the repository get in as well.',
  },
  'auth-cert': {
    key: 'auth_cert',
    kind: 'file',
    text: 'A certificate with its key, PEM, that bound consumers are given. It is never shown again.',
  },
  'host-ca': {
    key: 'https_ca',
    kind: 'file',
    text: 'The CA of the certificate of the server that consumers are told to trust, PEM.',
  },
  'gpg-key': {
    key: 'gpgkey',
    kind: 'file',
    text: 'The key by which clients verify packages. Everybody may read it.',
  },
};
