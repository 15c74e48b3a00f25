/** `public: {}`: everybody. What is open has to be said; no policy at all means nobody. */

import type { AuthorizerPlugin } from 'portcullis/plugin';

export const plugin: AuthorizerPlugin<undefined> = {
  apiVersion: 1,
  name: 'public',
  summary: 'lets everybody in',
  parseOptions,
  parseStoredOptions: parseOptions,

  create() {
    return { authorize: () => ({ outcome: 'allow' }), decidesByEvidenceAlone: true };
  },
};

function parseOptions(raw: unknown): undefined {
  const isEmptyMap =
    typeof raw === 'object' && !Array.isArray(raw) && Object.keys(raw ?? {}).length === 0;
  if (raw !== undefined && !isEmptyMap) {
    throw new Error('it takes no settings: write "public: {}"');
  }
  return undefined;
}
