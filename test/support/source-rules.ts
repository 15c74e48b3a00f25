/** Rules about the sources that an import table cannot say. Each names the files that may. */

import type { SourceFile } from './source-tree.ts';

export interface SourceRule {
  /** As a sentence: what no other file does. */
  readonly sentence: string;
  /** Files, and folders with their closing slash, where the rule does not hold. */
  readonly except: readonly string[];
  /** Where it holds; everywhere when undefined. */
  readonly within?: RegExp;
  /** Text that breaks it. */
  readonly code?: RegExp;
  /** Import targets that break it; `(computed)` stands for one that only the run time knows. */
  readonly imports?: RegExp;
  /** A file that breaks it, to prove that the rule sees it. */
  readonly violation: { readonly path: string; readonly text: string };
}

const inputAndOutput =
  /^node:(?:fs|net|tls|dgram|http|https|http2|dns|child_process|cluster|worker)/;

export const sourceRules: readonly SourceRule[] = [
  {
    sentence: 'pkijs and asn1js are imported by one file',
    except: ['src/identity/pkijs.ts'],
    imports: /^(?:pkijs|asn1js)(?:\/|$)/,
    violation: { path: 'src/identity/other.ts', text: "import { Certificate } from 'pkijs';" },
  },
  {
    sentence: 'node:sqlite is imported by one folder',
    except: ['src/stores/sqlite/'],
    imports: /^node:sqlite$/,
    violation: {
      path: 'src/content/store.ts',
      text: "import { DatabaseSync } from 'node:sqlite';",
    },
  },
  {
    sentence: 'mongodb is imported by one folder',
    except: ['src/stores/mongodb/'],
    imports: /^(?:mongodb|bson)(?:\/|$)/,
    violation: { path: 'src/stores/open.ts', text: "import { MongoClient } from 'mongodb';" },
  },
  {
    // Their operators are chosen in these files: others would bring those that are not allowed.
    sentence: 'mingo and re2js are imported by one file each',
    except: ['src/stores/evaluate.ts', 'src/stores/pattern.ts'],
    imports: /^(?:mingo|re2js)(?:\/|$)/,
    violation: { path: 'src/stores/filter.ts', text: "import { Query } from 'mingo';" },
  },
  {
    sentence: 'jose is imported by the rule jwt alone',
    except: ['auth-plugins/jwt/'],
    imports: /^jose(?:\/|$)/,
    violation: { path: 'src/identity/session.ts', text: "import { jwtVerify } from 'jose';" },
  },
  {
    sentence: 'process.env is read by config alone',
    except: ['src/config/'],
    code: /\bprocess\s*(?:\.\s*env\b|\[)|\bloadEnvFile\b/,
    violation: { path: 'src/content/x.ts', text: 'const debug = process.env.DEBUG;' },
  },
  {
    sentence: 'the exit code is set by the programs alone',
    except: ['src/admin/main.ts', 'src/cli/'],
    code: /\bprocess\s*\.\s*exitCode\b/,
    violation: { path: 'src/application.ts', text: 'process.exitCode = 1;' },
  },
  {
    // It has set the exit status by then; what was left behind must not keep the process for good.
    sentence: 'nobody but the entries of the program and of its workers ends the process',
    except: ['src/cli/main.ts', 'src/worker.ts'],
    code: /\bprocess\s*\.\s*(?:exit|abort|reallyExit)\s*\(/,
    violation: { path: 'src/cli/commands/serve.ts', text: 'process.exit(1);' },
  },
  {
    sentence: 'process is not imported, so that the rules above see its use',
    except: [],
    imports: /^(?:node:)?process$/,
    violation: { path: 'src/cli/main.ts', text: "import { env } from 'node:process';" },
  },
  {
    // nginx escapes certificates, which are no paths; mount compares a path and serves nothing by it.
    sentence: 'percent-escapes are decoded by canonical-path alone (T20)',
    // The credentials in a feed's URL are no path either.
    except: [
      'src/http/canonical-path.ts',
      'src/front/client-certificate.ts',
      'src/repository-types/feed-url.ts',
      'src/uwsgi/mount.ts',
    ],
    code: /\bdecodeURI(?:Component)?\b|\bunescape\b|%\(?\[0-9|\b0x25\b/,
    violation: { path: 'src/content/find.ts', text: 'const name = decodeURIComponent(path);' },
  },
  {
    // An IPv6 address has no path; nothing else writes it as RFC 5952 asks. What is asked of other
    // servers is nobody's request target.
    sentence: 'request targets are not parsed by anything that normalizes them (T26)',
    except: [
      'src/front/address.ts',
      'src/outbound/http-client.ts',
      'src/plugin-http.ts',
      'src/repository-types/feed-url.ts',
      'src/sync/feed.ts',
    ],
    code: /\bnew URL\((?!['"`]\.)|\bURL\.(?:parse|canParse)\(|\bpath\.normalize\(/,
    imports: /^(?:node:)?(?:url\/|querystring)/,
    violation: { path: 'src/front/http-front.ts', text: 'new URL(request.url, base).pathname;' },
  },
  {
    sentence: 'what is computed at run time is imported by the loaders of plugins and applications',
    except: ['src/access/plugins.ts', 'src/listeners/node-application.ts'],
    imports: /^\(computed\)$/,
    violation: { path: 'src/content/x.ts', text: 'await import(name);' },
  },
  {
    sentence: 'text is never run as code',
    except: [],
    code: /\beval\s*\(|\bnew Function\b/,
    imports: /^node:vm$/,
    violation: { path: 'src/access/x.ts', text: 'new Function(text)();' },
  },
  {
    sentence: 'the codec opens no socket and no file',
    except: [],
    within: /^src\/uwsgi\/(?:packet|decoder|variables|chunked)[^/]*\.ts$/,
    imports: inputAndOutput,
    violation: { path: 'src/uwsgi/decoder.ts', text: "import { connect } from 'node:net';" },
  },
  {
    sentence: 'http is pure',
    except: [],
    within: /^src\/http\//,
    imports: inputAndOutput,
    violation: { path: 'src/http/ranges.ts', text: "import { stat } from 'node:fs/promises';" },
  },
  {
    // Basic compares what the client sent with its own decoding and encoding of it.
    sentence: 'secrets are compared by timingSafeEqual alone (T48)',
    except: ['src/http/basic.ts'],
    code: /\b\w*(?:password|secret|token|hmac)\w*\s*[!=]==?(?!=)\s*(?!\s|undefined|null|'|"|\d)|[!=]==?\s*(?!typeof)[\w.]*(?:password|secret|token|hmac)\w*\b(?!\.length)/i,
    violation: { path: 'src/identity/x.ts', text: 'if (password === expected) allow();' },
  },
];

/** One line for each file that breaks `rule`. */
export function ruleOffences(rule: SourceRule, files: readonly SourceFile[]): readonly string[] {
  return files
    .filter((file) => rule.within?.test(file.path) ?? true)
    .filter((file) => !rule.except.some((exception) => covers(exception, file.path)))
    .filter((file) => breaks(rule, file))
    .map((file) => file.path);
}

/** The files that `rule` speaks of: a rule that speaks of none is out of date. */
export function ruleSubjects(rule: SourceRule, files: readonly SourceFile[]): readonly string[] {
  const isSubject = (file: SourceFile): boolean => rule.within?.test(file.path) ?? true;
  return files.filter(isSubject).map((file) => file.path);
}

function breaks(rule: SourceRule, file: SourceFile): boolean {
  const targets = file.imports.map(({ target }) => target ?? '(computed)');
  const isImported = targets.some((target) => rule.imports?.test(target) ?? false);
  return isImported || (rule.code?.test(file.code) ?? false);
}

function covers(exception: string, file: string): boolean {
  return exception.endsWith('/') ? file.startsWith(exception) : file === exception;
}
