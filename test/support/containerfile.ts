/** A Containerfile, read for tests: its instructions with their arguments. */

import path from 'node:path';

export interface Instruction {
  readonly name: string;
  /** With its continued lines joined. */
  readonly text: string;
}

/** Those that a build understands and that say what this image needs; no other may stand there. */
const known = 'FROM WORKDIR COPY RUN USER VOLUME ENV HEALTHCHECK STOPSIGNAL ENTRYPOINT CMD'.split(
  ' ',
);

export function readContainerfile(text: string): readonly Instruction[] {
  const joined = text.replaceAll(/^#.*\n/gm, '').replaceAll(/\\\n\s*/g, '');
  return joined
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', ...words] = line.split(' ');
      if (!known.includes(name)) throw new Error(`unknown instruction: ${line}`);
      return { name, text: words.join(' ').trim() };
    });
}

export function instructionsOf(
  instructions: readonly Instruction[],
  name: string,
): readonly string[] {
  return instructions.filter((each) => each.name === name).map(({ text }) => text);
}

/** What of the build's context an ignore file lets in: names of its top level alone. */
export function namesLetIn(ignoreFile: string): readonly string[] {
  const lines = ignoreFile.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  if (lines[0] !== '*') throw new Error('the ignore file has to begin with everything');
  return lines.slice(1).map((line) => {
    if (!line.startsWith('!') || path.basename(line) !== line) throw new Error(line);
    return line.slice(1);
  });
}
