/** Playing requests for the API: by the policies of content, which are opened when the first is played. */

import { Failure } from '../api/outcome.ts';
import type { ApiParts } from '../api/parts.ts';
import { messageOf } from '../errors.ts';
import type { Problem } from '../model.ts';
import { createPlay, type Play } from './play.ts';
import type { WorkParts } from './work.ts';

export function createApiPlay({
  configuration,
  content,
}: Pick<WorkParts, 'configuration' | 'content'>): ApiParts['play'] {
  let play: Play | undefined;
  return async (query) => {
    if (play === undefined) {
      const opened = await content.open().catch((error: unknown) => messageOf(error));
      if (typeof opened === 'string') return unavailable([{ at: '', message: opened }]);
      if (opened.problems.length > 0) return unavailable(opened.problems);
      play = createPlay(configuration, opened);
    }
    return play(query);
  };
}

/** Content in this process would not start either; elsewhere it may be served all the same. */
function unavailable(problems: readonly Problem[]): Failure {
  const [first] = problems;
  const at = first?.at ? `${first.at}: ` : '';
  const text = `The policies cannot be opened in this worker of the API: ${at}${first?.message}`;
  return new Failure({ status: 503, code: 'CANNOT_DECIDE', text });
}
