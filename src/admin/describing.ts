/** The options by which people describe a repository, a consumer, or a group of either. */

import type { CommandOption, Given } from './command.ts';
import { usage } from './read-options.ts';
import type { Fields } from './untrusted.ts';

export const describingOptions: Readonly<Record<string, CommandOption>> = {
  'display-name': { value: 'TEXT', text: 'What people read.' },
  description: { value: 'TEXT', text: 'What it is for.' },
  note: {
    value: 'NAME=VALUE',
    text: 'A note for programs; can be given more than once. Without a value, an update takes the note away.',
    isRepeatable: true,
  },
};

/** What is said, by the names of the API; nothing for what is not given. @throws PortcullisError USAGE */
export function descriptionOf(given: Given, path: readonly string[]): Fields {
  const [displayName, description] = [given.one('display-name'), given.one('description')];
  const notes = notesOf(given, path);
  return {
    ...(displayName !== undefined && { display_name: displayName }),
    ...(description !== undefined && { description }),
    ...(notes !== undefined && { notes }),
  };
}

/** Null stands for a note that shall go. */
function notesOf(given: Given, path: readonly string[]): Fields | undefined {
  const notes = given.all('note').map((text): [string, string | null] => {
    const at = text.indexOf('=');
    if (at > 0) return [text.slice(0, at), text.slice(at + 1) || null];
    throw usage(path, `Cannot use --note ${JSON.stringify(text)}: expected NAME=VALUE`);
  });
  return notes.length === 0 ? undefined : Object.fromEntries(notes);
}
