/** Where a certificate says that its CA answers (RFC 5280 section 4.2.2.1). */

import type { Certificate } from '../../identity/certificate.ts';
import { DerError, DerReader, derTags, readOid, readWhole } from '../../identity/der.ts';
import { isHttpUrl } from '../../plugin-http.ts';
import { accessEntriesMax, urlCharactersMax } from './limits.ts';

const authorityInfoAccess = '1.3.6.1.5.5.7.1.1';
const ocspMethod = '1.3.6.1.5.5.7.48.1';

/** GeneralName: [6] uniformResourceIdentifier. */
const urlTag = 0x86;

/** The first URL of a responder of http or https; undefined when there is none that can be used. */
export function responderUrlOf({ extensions }: Certificate): string | undefined {
  const value = extensions.others.get(authorityInfoAccess);
  if (value === undefined) return undefined;
  try {
    return readUrls(value).find(isUsable);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

function readUrls(value: Uint8Array): readonly string[] {
  const what = 'authorityInfoAccess';
  const reader = new DerReader(readWhole(value, derTags.sequence, what).content);
  const urls: string[] = [];
  for (let entries = 0; !reader.done && entries < accessEntriesMax; entries += 1) {
    const entry = new DerReader(reader.read(derTags.sequence, what).content);
    const method = readOid(entry.read(derTags.oid, what).content, what);
    const { tag, content } = entry.readAny(what);
    entry.end(what);
    if (method === ocspMethod && tag === urlTag) urls.push(Buffer.from(content).toString('latin1'));
  }
  return urls;
}

function isUsable(url: string): boolean {
  return url.length <= urlCharactersMax && isHttpUrl(url);
}
