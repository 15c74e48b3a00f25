/** An explanation as text: the tree of rules with their outcomes, and what the client sees. */

import { describePrincipal, type ExplainNode } from '../access/explain.ts';
import type { Explanation } from '../access/explanation.ts';
import type { Appearance } from '../terminal/appearance.ts';
import { printable } from '../terminal/output.ts';

type Outcome = ExplainNode['outcome'];

interface Sign {
  readonly unicode: string;
  readonly ascii: string;
  /** SGR parameter of ECMA-48. */
  readonly color: number;
}

const signs: Readonly<Record<Outcome, Sign>> = {
  allow: { unicode: '✓', ascii: '+', color: 32 },
  deny: { unicode: '✗', ascii: 'x', color: 31 },
  fault: { unicode: '!', ascii: '!', color: 35 },
  abstain: { unicode: '–', ascii: '-', color: 33 },
  'not evaluated': { unicode: '·', ascii: '.', color: 90 },
};

const branches = {
  unicode: { item: '├─ ', last: '└─ ', pass: '│  ', none: '   ' },
  ascii: { item: '|- ', last: '`- ', pass: '|  ', none: '   ' },
};

/** @param method of the request that was played */
export function describeExplanation(
  explanation: Explanation,
  method: string,
  appearance: Appearance,
): string {
  const lines = explanation.tree === undefined ? [] : [...treeLines(explanation.tree, appearance)];
  return `${[...lines, ...(lines.length > 0 ? [''] : []), sentence(explanation, method)].join('\n')}\n`;
}

function* treeLines(
  node: ExplainNode,
  appearance: Appearance,
  first = '',
  next = '',
): Generator<string> {
  const { unicode, color } = appearance;
  const sign = signs[node.outcome];
  const shown = unicode ? sign.unicode : sign.ascii;
  const colored = color ? `\u001b[${sign.color}m${shown}\u001b[0m` : shown;
  // What a combination says is what its members say, and they follow.
  const own = node.children.length === 0 ? node.reason : undefined;
  const reason = own === undefined ? '' : `: ${oneLine(own)}`;
  yield `${first}${colored} ${oneLine(node.label)} (${node.outcome})${reason}`;
  const branch = unicode ? branches.unicode : branches.ascii;
  for (const [index, child] of node.children.entries()) {
    const isLast = index === node.children.length - 1;
    yield* treeLines(
      child,
      appearance,
      next + (isLast ? branch.last : branch.item),
      next + (isLast ? branch.none : branch.pass),
    );
  }
}

const verbs: Readonly<Record<Explanation['outcome'], string>> = {
  allow: 'is served',
  deny: 'is refused',
  fault: 'could not be decided',
  'not-found': 'finds nothing',
};

function sentence(explanation: Explanation, method: string): string {
  const { outcome, status, reason, path, principal, distribution } = explanation;
  const what = [method, path].filter((each) => each !== undefined).join(' ');
  const where = distribution === undefined ? '' : ` in the distribution ${distribution}`;
  const who = principal === undefined ? '' : ` to ${describePrincipal(principal)}`;
  return oneLine(`${what}${where} ${verbs[outcome]}${who}: ${reason}. The client sees ${status}.`);
}

function oneLine(text: string): string {
  return printable(text).replaceAll('\n', ' ');
}
