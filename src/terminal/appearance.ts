/** What a terminal can show. */

import { processEnvironment } from '../config/environment.ts';

export interface Appearance {
  readonly unicode: boolean;
  readonly color: boolean;
}

/** Color only on a terminal and without NO_COLOR (no-color.org); Unicode where the locale has it. */
export function appearanceOf(stream: { readonly isTTY?: boolean }): Appearance {
  const environment = processEnvironment();
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '';
  return {
    unicode: /utf-?8/i.test(locale),
    color: stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb',
  };
}
