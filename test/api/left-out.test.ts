/** Holds the table of what is left out to the routes that say so. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { createLeftOutRoutes } from '../../src/api/routes/left-out.ts';
import { repositoryRoot } from '../support/source-tree.ts';

it('docs/pulp2-api.md lists each call that is left out, with the reason that clients read', () => {
  const page = readFileSync(path.join(repositoryRoot, 'docs/pulp2-api.md'), 'utf8');
  const table = page.slice(page.indexOf('## Left out'));
  const rows = table.split('\n').filter((line) => /^\| (?:GET|POST|PUT|DELETE) /.test(line));
  const expected = createLeftOutRoutes().map(({ method, path: called, summary }) => {
    const reason = summary.replace(/^Not there: /, '');
    return `| ${method} \`${called.replace('/v2/', '')}\` | ${reason} |`;
  });
  assert.deepEqual(rows, expected);
});
