/** Opens what rules ask other servers with: reads the files of its TLS identity. */

import { createSecureContext } from 'node:tls';
import { messageOf } from '../errors.ts';
import { bearerBytesMax } from '../http/basic.ts';
import { readTextFile, unreadable } from '../identity/read-file.ts';
import { readSecretFile } from '../identity/secret-file.ts';
import { createHttpClient, type TlsIdentity } from '../outbound/http-client.ts';
import { authorityPemLimits, parseCertificatePem } from '../pem.ts';
import type { HttpClient, HttpClientOptions, HttpTlsFiles } from '../plugin.ts';

/** The longest file of a certificate with its chain, and of a key, in bytes. */
const identityBytesMax = 262_144;

/**
 * @param resolvePath makes absolute paths of those in the options
 * @throws PortcullisError FILE_UNREADABLE
 */
export async function openHttpClient(
  { url, limits, tls, bearerFile, breaker }: HttpClientOptions,
  resolvePath: (path: string) => string,
): Promise<HttpClient> {
  const identity = tls && (await readIdentity(tls, resolvePath));
  const token = bearerFile && (await readToken(resolvePath(bearerFile)));
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
  return createHttpClient({ url, limits, breaker, tls: identity, headers });
}

/** The b64token of RFC 6750 section 2.1, alone on its line. */
async function readToken(file: string): Promise<string> {
  const act = 'use the token';
  const text = await readSecretFile(file, bearerBytesMax + 2, act);
  const [, token] = /^([A-Za-z0-9\-._~+/]+=*)\r?\n?$/.exec(text) ?? [];
  if (token !== undefined && token.length <= bearerBytesMax) return token;
  throw unreadable(file, act, 'it has to hold one token, and nothing else');
}

async function readIdentity(
  { ca, certificate, key }: HttpTlsFiles,
  resolvePath: (path: string) => string,
): Promise<TlsIdentity> {
  return {
    ...(ca !== undefined && { ca: await readAuthorities(resolvePath(ca)) }),
    ...(certificate !== undefined &&
      key !== undefined &&
      (await readPair(resolvePath(certificate), resolvePath(key)))),
  };
}

async function readAuthorities(file: string): Promise<string> {
  const act = 'trust the CA file';
  const text = await readTextFile(file, 2 * authorityPemLimits.bytesMax, act);
  const pem = parseCertificatePem(text, authorityPemLimits);
  if ('problem' in pem) {
    throw unreadable(file, act, `${pem.problem}, and should hold CA certificates in PEM`);
  }
  return text;
}

async function readPair(certificate: string, keyFile: string): Promise<TlsIdentity> {
  const act = 'use the client certificate';
  const cert = await readTextFile(certificate, identityBytesMax, act);
  const key = await readSecretFile(keyFile, identityBytesMax, 'use the key');
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw unreadable(certificate, act, `with the key ${keyFile}: ${messageOf(error)}`);
  }
  return { cert, key };
}
