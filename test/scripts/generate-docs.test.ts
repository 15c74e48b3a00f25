import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { generatedFiles, staleFiles } from '../../scripts/generate-docs.ts';
import { commands as adminCommands } from '../../src/admin/commands.ts';
import { commands } from '../../src/cli/commands.ts';
import { overridableSettings } from '../../src/config/overrides.ts';
import { errorDescriptors } from '../../src/errors.ts';
import { repositoryRoot } from '../support/source-tree.ts';

async function page(name: string): Promise<string> {
  return (await generatedFiles()).get(name) ?? '';
}

/** The targets of links in a page that lead to other pages. */
function linkedPages(text: string): readonly string[] {
  return [...text.matchAll(/\]\(([a-z-]+\.md)/g)].map(([, target]) => target ?? '');
}

describe('generatedFiles', () => {
  it('generatedFiles are what lies in the tree', async () => {
    assert.deepEqual(await staleFiles(), []);
  });

  it('generatedFiles describe every setting, command and error code', async () => {
    const configuration = await page('docs/configuration.md');
    for (const { path: setting } of overridableSettings()) {
      assert.ok(configuration.includes(`| \`${setting}\` |`), setting);
    }
    const cli = await page('docs/cli.md');
    for (const { name } of commands) assert.ok(cli.includes(`\n## portcullis ${name}\n`), name);
    const admin = await page('docs/admin.md');
    for (const { path: words } of adminCommands) {
      assert.ok(admin.includes(`\n### ${words.join(' ')}\n`), words.join(' '));
    }
    const errors = await page('docs/errors.md');
    const documented = [...errors.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
    assert.deepEqual(documented, Object.keys(errorDescriptors));
  });

  it('generatedFiles link to pages that exist', async () => {
    for (const [name, text] of await generatedFiles()) {
      for (const target of linkedPages(text))
        readFileSync(path.join(repositoryRoot, 'docs', target));
      assert.equal(name.endsWith('.md') && /\]\(\)/.test(text), false);
    }
  });

  it('generatedFiles have tables whose rows are as wide as their heads', async () => {
    for (const [name, text] of await generatedFiles()) {
      for (const table of text.matchAll(/(?:^\|.*\|$\n?)+/gm)) {
        const widths = table[0]
          .trim()
          .split('\n')
          .map((row) => row.replaceAll('\\|', '').split('|').length);
        assert.equal(new Set(widths).size, 1, `${name}: ${table[0]}`);
      }
    }
  });
});
