/** The options of importers with a feed. */

import type { ConfigOptions } from './config-options.ts';

/** Every user of this host can read the command line while the command starts. */
const visible = 'Every user of this host can read it while the command starts.';

export const feedOptions: ConfigOptions = {
  feed: {
    key: 'feed',
    kind: 'text',
    text: 'The http: or https: URL of the remote repository that is synced. A user and password in it are kept apart from it.',
  },
  validate: {
    key: 'validate',
    kind: 'flag',
    text: 'Whether size and digest of what is fetched are held against the metadata; without a digest that agrees nothing is kept in any case.',
  },
  'feed-ca-cert': {
    key: 'ssl_ca_cert',
    kind: 'file',
    text: 'The CA of the certificate of the feed, PEM.',
  },
  'verify-feed-ssl': {
    key: 'ssl_validation',
    kind: 'flag',
    text: 'Whether the certificate of the feed is verified; true unless given.',
  },
  'feed-cert': {
    key: 'ssl_client_cert',
    kind: 'file',
    text: 'The certificate that is shown to the feed, PEM.',
  },
  'feed-key': {
    key: 'ssl_client_key',
    kind: 'file',
    text: 'Its key, PEM. It is never shown again.',
  },
  'basicauth-user': {
    key: 'basic_auth_username',
    kind: 'text',
    text: 'The user for whom the feed is asked.',
  },
  'basicauth-pass': {
    key: 'basic_auth_password',
    kind: 'text',
    text: `The password of that user, which is never shown again. ${visible}`,
  },
  'proxy-host': {
    key: 'proxy_host',
    kind: 'text',
    text: 'The proxy through which the feed is asked, as http://proxy.example.com.',
  },
  'proxy-port': { key: 'proxy_port', kind: 'number', text: 'Its port.' },
  'proxy-user': { key: 'proxy_username', kind: 'text', text: 'The user at the proxy.' },
  'proxy-pass': {
    key: 'proxy_password',
    kind: 'text',
    text: `The password at the proxy, which is never shown again. ${visible}`,
  },
  'max-downloads': {
    key: 'max_downloads',
    kind: 'number',
    text: 'How many files are fetched at a time.',
  },
  'max-speed': {
    key: 'max_speed',
    kind: 'number',
    text: 'Bytes a second at most, over all files.',
  },
  'remove-missing': {
    key: 'remove_missing',
    kind: 'flag',
    text: 'Whether a sync takes out what the feed does not have any more; false unless given.',
  },
  'retain-old-count': {
    key: 'retain_old_count',
    kind: 'number',
    text: 'How many older versions of a package stay besides the newest; all unless given.',
  },
  'download-policy': {
    key: 'download_policy',
    kind: 'text',
    text: 'immediate: files are fetched by the sync. The server refuses any other for now.',
  },
};
