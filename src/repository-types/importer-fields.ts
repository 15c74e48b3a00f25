/** Options that importers with a feed have in common, by Pulp's names. */

import type { JsonObject } from '../repositories/documents.ts';
import { feedUrl, fileText, flag, publicFileText, text, wholeNumber } from './config-fields.ts';
import type { ConfigField, ConfigFields } from './config-reader.ts';

/** Downloads at a time. */
const downloadsMax = 100;
/** Bytes a second. */
const speedMax = 1e12;
/** In seconds. */
const timeoutSecondsMax = 3600;

/** What Pulp has besides would serve files that are not here. */
const downloadPolicy: ConfigField = {
  expected: 'immediate: on_demand and background are not supported',
  read: (raw) => (raw === 'immediate' ? raw : undefined),
};

/** A host, or a URL of one; its credentials have options of their own, which are not shown. */
const proxyHost: ConfigField = {
  expected: 'a host or an http: or https: URL of one, without a user and a password in it',
  read: (raw) => {
    const value = text.read(raw);
    return typeof value === 'string' && !value.includes('@') ? value : undefined;
  },
};

export const feedFields: ConfigFields = {
  feed: feedUrl,
  validate: flag,
  ssl_ca_cert: publicFileText,
  ssl_validation: flag,
  ssl_client_cert: fileText,
  ssl_client_key: fileText,
  proxy_host: proxyHost,
  proxy_port: wholeNumber(1, 65_535),
  proxy_username: text,
  proxy_password: text,
  basic_auth_username: text,
  basic_auth_password: text,
  max_speed: wholeNumber(1, speedMax),
  max_downloads: wholeNumber(1, downloadsMax),
  connection_timeout: wholeNumber(1, timeoutSecondsMax),
  read_timeout: wholeNumber(1, timeoutSecondsMax),
  remove_missing: flag,
  retain_old_count: wholeNumber(0, 1_000_000),
  download_policy: downloadPolicy,
};

/**
 * The option by which an importer wants signatures of packages verified, which nothing does: whoever takes
 * packages has to refuse. Undefined where it wants none.
 */
export function signatureOption(config: JsonObject): string | undefined {
  const { require_signature: isRequired, allowed_keys: keys } = config;
  if (isRequired === true) return 'require_signature';
  return Array.isArray(keys) && keys.length > 0 ? 'allowed_keys' : undefined;
}

/** Pulp's users have the key beside the client certificate. */
export const feedSecrets: readonly string[] = [
  'basic_auth_password',
  'proxy_password',
  'ssl_client_cert',
  'ssl_client_key',
];
