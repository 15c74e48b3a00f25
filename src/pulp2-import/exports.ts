/** Collections of Pulp's database as mongoexport writes them: a document of JSON a line. */

import { PortcullisError } from '../errors.ts';
import { readTextFile } from '../identity/read-file.ts';

/** The longest export, in bytes. */
export const exportBytesMax = 256 * 1024 * 1024;

export type ExportedFields = Readonly<Record<string, unknown>>;

/**
 * @param collection its name in Pulp
 * @param read undefined for a document that is none of the collection
 * @throws PortcullisError FILE_UNREADABLE when the file cannot be read, or a line is no such document
 */
export async function readExport<Item>(
  file: string,
  collection: string,
  read: (document: ExportedFields, line: number) => Item | undefined,
): Promise<readonly Item[]> {
  const text = await readTextFile(file, exportBytesMax, `read the ${collection} in`);
  const items: Item[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const document = parseDocument(line);
    const item = document && read(document, index + 1);
    if (item === undefined) {
      throw new PortcullisError(
        'FILE_UNREADABLE',
        `Cannot use ${file}:${index + 1}: it is no document of ${collection}; expected what mongoexport writes of that collection`,
      );
    }
    items.push(item);
  }
  return items;
}

function parseDocument(line: string): ExportedFields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The properties of an object; none of anything else. */
export function fieldsOf(value: unknown): ExportedFields {
  return isFields(value) ? value : {};
}

function isFields(value: unknown): value is ExportedFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
