/** Takes the YAML stream of modules apart into its documents, which are units each. */

import { moduleBytesMax } from '../repository-types/rpm/modulemd.ts';
import { SyncFailure } from './failure.ts';
import type { RemoteDocument } from './remote-item.ts';
import { decodeUtf8 } from './utf8.ts';

const document = 'the modules metadata';

/** By what a document says it is; others, as translations, are passed over. */
const unitTypes: Readonly<Record<string, 'modulemd' | 'modulemd_defaults'>> = {
  modulemd: 'modulemd',
  'modulemd-defaults': 'modulemd_defaults',
};

/**
 * @param repositoryId the repository that defaults are for: they are told apart by it as well
 * @throws SyncFailure for what is not UTF-8, or a document over {@link moduleBytesMax}
 */
export async function* readModules(
  bytes: AsyncIterable<Uint8Array>,
  repositoryId: string,
): AsyncGenerator<RemoteDocument> {
  for await (const text of splitDocuments(bytes)) {
    const said = /^document:[ \t]*["']?([a-z-]+)["']?[ \t\r]*$/m.exec(text)?.[1] ?? '';
    const type = Object.hasOwn(unitTypes, said) ? unitTypes[said] : undefined;
    const unitKey = type === 'modulemd_defaults' ? { repo_id: repositoryId } : {};
    if (type !== undefined) yield { kind: 'document', type, unitKey, text };
  }
}

async function* splitDocuments(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let document: string[] = [];
  let length = 0;
  for await (const lines of readLines(bytes)) {
    for (const line of lines) {
      length += line.length + 1;
      if (length > moduleBytesMax) {
        throw new SyncFailure(`Cannot take a module: its document is over ${moduleBytesMax} bytes`);
      }
      if (!/^(?:---|\.\.\.)(?:\s|$)/.test(line)) {
        document.push(line);
        continue;
      }
      if (document.length > 0) yield asDocument(document);
      document = [];
      length = 0;
    }
  }
  if (document.length > 0) yield asDocument(document);
}

function asDocument(lines: readonly string[]): string {
  return `---\n${lines.join('\n')}\n...\n`;
}

/** Many at a time: they may be millions. */
async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of bytes) {
    const text = decodeUtf8(document, () => decoder.decode(chunk, { stream: true }));
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > moduleBytesMax) {
      throw new SyncFailure(`Cannot take a module: a line of it is over ${moduleBytesMax} bytes`);
    }
    yield lines;
  }
  rest += decodeUtf8(document, () => decoder.decode());
  if (rest !== '') yield [rest];
}
