/** docs/errors.md, from src/errors.ts. */

import { type ErrorDescriptor, errorDescriptors } from '../../src/errors.ts';
import { code, generatedNote, table } from './markdown.ts';

export function errorsPage(): string {
  const rows = Object.entries<ErrorDescriptor>(errorDescriptors).map(
    ([name, { status, publicText, meaning }]) => [
      code(name),
      status === undefined ? '' : String(status),
      publicText,
      meaning,
    ],
  );
  return `# Errors

${generatedNote}

Every error has a code. It stands in the log; the client gets the status and the text, and nothing
that names a file, a rule or a person. An error without a status never reaches a client: it stops a
command or the start.

A code is never renamed and never given another meaning.

${table(['Code', 'Status', 'The client reads', 'Meaning'], rows)}
`;
}
