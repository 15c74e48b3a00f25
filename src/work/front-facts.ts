/** What consumers are told of the front, by the configuration. */

import type { FrontFacts } from '../api/consumers/show-binding.ts';
import type { Configuration } from '../config/configuration.ts';
import { messageOf } from '../errors.ts';
import { readTextFile, unreadable } from '../identity/read-file.ts';
import type { Problem } from '../model.ts';
import { authorityPemLimits, certificateToPem, parseCertificatePem } from '../pem.ts';

const act = 'give consumers the CA file';

/** The CA is that of this moment, as those of the rules are of their start. */
export async function openFrontFacts({
  api: { frontAuthority: file },
  nginx: { serverName },
}: Pick<Configuration, 'api' | 'nginx'>): Promise<FrontFacts | { readonly problem: Problem }> {
  try {
    return { serverName, authority: file && (await readAuthority(file)) };
  } catch (error) {
    return { problem: { at: 'api.frontAuthority', message: messageOf(error) } };
  }
}

/** Nothing but certificates: a key that lies in the same file would go to every consumer. */
async function readAuthority(file: string): Promise<string> {
  const text = await readTextFile(file, 2 * authorityPemLimits.bytesMax, act);
  const pem = parseCertificatePem(text, authorityPemLimits);
  if ('problem' in pem) {
    throw unreadable(file, act, `${pem.problem}, and should hold CA certificates in PEM`);
  }
  return pem.certificates.map(certificateToPem).join('');
}
