import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { errorDescriptors } from '../src/errors.ts';
import { importOffences } from './support/import-table.ts';
import { runOk } from './support/processes.ts';
import { ruleOffences, ruleSubjects, sourceRules } from './support/source-rules.ts';
import { parseSource, readSources, repositoryRoot } from './support/source-tree.ts';
import { temporaryDirectory } from './support/temporary.ts';

const product = readSources(['src/**/*.ts', 'auth-plugins/**/*.ts']);
const probe = path.join(import.meta.dirname, 'support/module-load-probe.ts');

describe('import table', () => {
  it('import table speaks of the sources, and of more than a few', () => {
    assert.ok(product.length > 50, `only ${product.length} files`);
    assert.ok(product.flatMap((file) => file.imports).length > 100);
  });

  it('import table is held by every file', () => {
    assert.deepEqual(importOffences(product), []);
  });

  const offenders: readonly (readonly [path: string, text: string])[] = [
    ['src/http/ranges.ts', "import { find } from '../content/find.ts';"],
    ['src/http/ranges.ts', "import type { Found } from '../content/find.ts';"],
    ['src/http/ranges.ts', "import {\n  a,\n  b,\n} from '../content/find.ts';"],
    ['src/http/ranges.ts', "export { find } from '../content/find.ts';"],
    ['src/http/ranges.ts', "export * from '../content/find.ts';"],
    ['src/http/ranges.ts', "import '../content/find.ts';"],
    ['src/http/ranges.ts', "const find = await import('../content/find.ts');"],
    ['src/http/ranges.ts', "type Found = import('../content/find.ts').Found;"],
    ['src/http/ranges.ts', "import { x } from '../uwsgi/server.ts';"],
    ['src/http/ranges.ts', "import { x } from '../../test/support/nginx.ts';"],
    ['src/http/ranges.ts', "import { plugin } from '../../auth-plugins/silly/index.ts';"],
    ['src/access/policy.ts', "import { x } from '../front/evidence.ts';"],
    ['src/content/find.ts', "import { x } from '../application.ts';"],
    ['src/application.ts', "import { x } from './cli/main.ts';"],
    ['src/errors.ts', "import { x } from './http/ranges.ts';"],
    ['src/new-part/file.ts', ''],
    ['src/new-file.ts', ''],
    ['auth-plugins/mine/index.ts', "import { x } from '../../src/plugin.ts';"],
    ['auth-plugins/mine/index.ts', "import { x } from '../silly/index.ts';"],
    ['auth-plugins/mine/index.ts', "import { x } from 'portcullis/src/plugin.ts';"],
    ['auth-plugins/mine/index.ts', 'await import(name);'],
  ];
  for (const [file, text] of offenders) {
    it(`import table refuses ${JSON.stringify(text)} in ${file}`, () => {
      assert.equal(importOffences([parseSource(file, text)]).length, 1);
    });
  }

  const allowed: readonly (readonly [path: string, text: string])[] = [
    ['src/content/find.ts', "import { x } from '../http/ranges.ts';"],
    ['src/content/find.ts', "import { x } from './stream.ts';"],
    ['src/content/find.ts', "import { x } from 'node:fs';"],
    ['src/http/ranges.ts', "// import { x } from '../content/find.ts';"],
    ['src/http/ranges.ts', "/*\nimport { x } from '../content/find.ts';\n*/"],
    ['auth-plugins/mine/index.ts', "import type { Decision } from 'portcullis/plugin';"],
    ['auth-plugins/mine/index.ts', "import { z } from 'zod';\nimport { x } from './x.ts';"],
  ];
  for (const [file, text] of allowed) {
    it(`import table allows ${JSON.stringify(text)} in ${file}`, () => {
      assert.deepEqual(importOffences([parseSource(file, text)]), []);
    });
  }
});

describe('source rules', () => {
  for (const rule of sourceRules) {
    it(`source rules: ${rule.sentence}`, () => {
      assert.notEqual(ruleSubjects(rule, product).length, 0, 'the rule speaks of no file');
      assert.deepEqual(ruleOffences(rule, product), []);
    });

    it(`source rules see a file that breaks: ${rule.sentence}`, () => {
      const { path: file, text } = rule.violation;
      assert.deepEqual(ruleOffences(rule, [parseSource(file, text)]), [file]);
    });
  }

  it('source rules make exceptions only of files that are there and need them', () => {
    for (const rule of sourceRules) {
      for (const exception of rule.except) {
        const unbound = { ...rule, except: rule.except.filter((other) => other !== exception) };
        assert.notEqual(ruleOffences(unbound, product).length, 0, `${rule.sentence}: ${exception}`);
      }
    }
  });
});

describe('module load', () => {
  it('module load does no input or output and starts nothing', async () => {
    const entry = 'src/cli/main.ts';
    const files = product.map((file) => file.path).filter((file) => file !== entry);
    const absolute = files.map((file) => path.join(repositoryRoot, file));
    const output = await runOk(process.execPath, [probe, repositoryRoot, ...absolute]);
    assert.deepEqual(JSON.parse(output.toString()), []);
  });

  for (const [what, text] of [
    ['reads a file', "import { readFileSync } from 'node:fs';\nreadFileSync('/dev/null');"],
    ['asks for a file', "import { access } from 'node:fs/promises';\nawait access('/dev/null');"],
    ['starts a program', "import { spawn } from 'node:child_process';\nspawn('true');"],
    ['listens', "import { createServer } from 'node:net';\ncreateServer().listen(0);"],
    ['starts a timer', 'setInterval(() => {}, 1000);'],
  ] as const) {
    it(`module load is seen to be at fault when it ${what}`, async () => {
      using directory = temporaryDirectory();
      writeFileSync(directory.file('module.ts'), text);
      const args = [probe, directory.path, directory.file('module.ts')];
      const output = await runOk(process.execPath, args);
      assert.notEqual(JSON.parse(output.toString()).length, 0);
    });
  }
});

describe('error codes', () => {
  it('error codes are all in docs/errors.md', () => {
    const document = readFileSync(path.join(repositoryRoot, 'docs/errors.md'), 'utf8');
    const missing = Object.keys(errorDescriptors).filter((code) => !document.includes(code));
    assert.deepEqual(missing, []);
  });

  it('error codes are all given to something', () => {
    const users = product.filter(({ path: file }) => file !== 'src/errors.ts');
    const isUsed = (code: string): boolean => {
      const use = new RegExp(`'${code}'|errorDescriptors\\.${code}\\b`);
      return users.some((file) => use.test(file.code));
    };
    const unused = Object.keys(errorDescriptors).filter((code) => !isUsed(code));
    assert.deepEqual(unused, []);
  });
});
