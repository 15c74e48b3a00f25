/** docs/webhook.md says what is so. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import {
  principalCharactersMax,
  readAnswer,
  reasonCharactersMax,
} from '../../../auth-plugins/webhook/answer.ts';
import { plugin } from '../../../auth-plugins/webhook/index.ts';
import { describeRequest, questionBytesMax } from '../../../auth-plugins/webhook/question.ts';
import { accessRequest } from '../../support/evidence.ts';
import { repositoryRoot } from '../../support/source-tree.ts';

describe('docs/webhook.md', () => {
  const page = readFileSync(path.join(repositoryRoot, 'docs/webhook.md'), 'utf8');
  const blocks = (language: string) =>
    [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
      ([, text = '']) => text,
    );

  it('shows options that are taken, with their defaults', () => {
    const [least, most] = blocks('yaml').map((text) => plugin.parseOptions(parse(text).webhook));
    assert.ok(least && most);
    assert.deepEqual(most.limits, least.limits);
    assert.deepEqual(most.breaker, least.breaker);
  });

  it('shows the question with the fields that it has', async () => {
    const [question = ''] = blocks('json');
    const asked = await describeRequest(accessRequest(), new Set(), undefined);
    assert.deepEqual(Object.keys(JSON.parse(question)), Object.keys(asked));
    assert.ok(page.includes(`of at most ${questionBytesMax} bytes`));
  });

  it('shows answers that are taken', () => {
    const [, ...answers] = blocks('json');
    assert.equal(answers.length, 2);
    for (const text of answers) {
      const answer = {
        ...{ status: 200, headers: {}, mediaType: 'application/json' },
        body: new Uint8Array(Buffer.from(text)),
      };
      assert.ok('value' in readAnswer(answer, 'plain', 'x'), text);
    }
    assert.ok(page.includes(`1 to ${principalCharactersMax} characters`));
    assert.ok(page.includes(`cut after ${reasonCharactersMax} characters`));
  });
});
