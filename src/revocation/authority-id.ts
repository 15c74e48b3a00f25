/** Which CA: a name with a key. Of two CAs with one name, each has lists of its own. */

import { createHash } from 'node:crypto';
import type { Certificate } from '../identity/certificate.ts';

export function authorityId({ subjectId, publicKey }: Certificate): string {
  return createHash('sha256').update(`${subjectId} `).update(publicKey.der).digest('hex');
}
