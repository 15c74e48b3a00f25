/** Playing requests for the API: by the policies of content, which are opened when the first is played. */

import { invalidValue } from '../api/failures.ts';
import { Failure } from '../api/outcome.ts';
import type { ApiParts } from '../api/parts.ts';
import { problemCharactersMax } from '../api/policies/tree-problems.ts';
import type { Configuration } from '../config/configuration.ts';
import { messageOf, PortcullisError } from '../errors.ts';
import type { Problem } from '../model.ts';
import type { OpenedContent } from './content-parts.ts';
import { createPlay, type Play } from './play.ts';
import { createPreview } from './preview.ts';
import type { SharedContent } from './shared-content.ts';
import type { WorkParts } from './work.ts';

export function createApiPlay({
  configuration,
  content,
}: Pick<WorkParts, 'configuration' | 'content'>): ApiParts['play'] {
  let play: Play | undefined;
  return async (query) => {
    if (play === undefined) {
      const opened = await openForPlaying(content);
      if (opened instanceof Failure) return opened;
      play = createPlay(configuration, opened);
    }
    return play(query);
  };
}

/** As {@link createApiPlay}, by policies that are not saved. */
export function createApiPreview({
  configuration,
  content,
}: {
  readonly configuration: Configuration;
  readonly content: Pick<SharedContent, 'open'>;
}): ApiParts['preview'] {
  return async (query, written) => {
    const opened = await openForPlaying(content);
    if (opened instanceof Failure) return opened;
    try {
      return await createPreview(configuration, opened, opened.makers.store)(query, written);
    } catch (error) {
      const isAboutPolicy = error instanceof PortcullisError && error.code === 'POLICY_UNUSABLE';
      if (!isAboutPolicy) throw error;
      return invalidValue('access', error.message.slice(0, problemCharactersMax));
    }
  };
}

async function openForPlaying(
  content: Pick<SharedContent, 'open'>,
): Promise<OpenedContent | Failure> {
  const opened = await content.open().catch((error: unknown) => messageOf(error));
  if (typeof opened === 'string') return unavailable([{ at: '', message: opened }]);
  return opened.problems.length > 0 ? unavailable(opened.problems) : opened;
}

/** Content in this process would not start either; elsewhere it may be served all the same. */
function unavailable(problems: readonly Problem[]): Failure {
  const [first] = problems;
  const at = first?.at ? `${first.at}: ` : '';
  const text = `The policies cannot be opened in this worker of the API: ${at}${first?.message}`;
  return new Failure({ status: 503, code: 'CANNOT_DECIDE', text });
}
