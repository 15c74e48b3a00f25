/**
 * `silly: { answer: allow | deny | abstain }`: always the same answer. The smallest whole plugin, to
 * copy from, and a stand-in while a policy is written. It protects nothing, and says so in the log.
 */

import type { AuthorizerPlugin, Decision } from 'portcullis/plugin';

const answers = ['allow', 'deny', 'abstain'] as const;

export interface SillyOptions {
  readonly answer: (typeof answers)[number];
}

export const plugin: AuthorizerPlugin<SillyOptions> = {
  apiVersion: 1,
  name: 'silly',
  summary: 'gives the answer that it is told to give: an example, and no protection',

  parseOptions(raw) {
    const entries = Object.entries(raw ?? {});
    const answer = answers.find((known) => known === entries[0]?.[1]);
    if (answer === undefined || entries.length !== 1 || entries[0]?.[0] !== 'answer') {
      throw new Error(`it has to be a map of one setting, answer: ${answers.join(', ')}`);
    }
    return { answer };
  },

  create({ answer }, { log }) {
    if (answer === 'allow') log.warn('A rule "silly" lets everybody in');
    const decision: Decision =
      answer === 'deny'
        ? { outcome: answer, reason: 'the rule is told to deny' }
        : { outcome: answer };
    return { authorize: () => decision };
  },
};
