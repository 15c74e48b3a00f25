/** Which store the configuration means, with the secret that its file may hold. */

import type { Stats } from 'node:fs';
import type { StoreConfiguration } from '../config/configuration.ts';
import { isMongodbUrl, mongodbUrl, storeUrlCharactersMax } from '../config/kinds/stores.ts';
import { readTextFile, unreadable } from '../identity/read-file.ts';
import type { StoreSettings } from '../stores/open.ts';

const act = 'read the URL of the store in';

/**
 * @throws PortcullisError FILE_UNREADABLE when the file of the URL is missing or unreadable, holds
 *   none, or could be read or changed by others (T93)
 */
export async function readStoreSettings({
  file,
  mongodbUrl: url,
  mongodbUrlFile,
}: StoreConfiguration): Promise<StoreSettings> {
  if (url !== undefined) return { type: 'mongodb', url };
  if (mongodbUrlFile === undefined) return { type: 'sqlite', file };
  return { type: 'mongodb', url: await readUrlFile(mongodbUrlFile) };
}

/** What the file holds is never repeated: it is a secret even where it is no URL. */
async function readUrlFile(file: string): Promise<string> {
  const lineEnd = 2;
  const text = await readTextFile(file, storeUrlCharactersMax + lineEnd, act, modeProblem);
  const url = text.trim();
  if (isMongodbUrl(url)) return url;
  throw unreadable(file, act, `expected ${mongodbUrl.expected}`);
}

/** The group may read it, because an operator can mean that. */
function modeProblem({ mode }: Stats): string | undefined {
  if ((mode & 0o027) === 0) return undefined;
  const permissions = (mode & 0o777).toString(8).padStart(4, '0');
  return `its mode is ${permissions}, by which others may read or change it; 0600 or 0640 is right`;
}
