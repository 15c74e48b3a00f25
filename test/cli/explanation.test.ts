import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ExplainNode } from '../../src/access/explain.ts';
import type { Explanation } from '../../src/access/explanation.ts';
import { describeExplanation } from '../../src/cli/explanation.ts';

const leaf = (label: string, outcome: ExplainNode['outcome'], reason?: string): ExplainNode => ({
  label,
  at: '',
  outcome,
  reason,
  findings: undefined,
  children: [],
});

const explanation: Explanation = {
  outcome: 'deny',
  status: 403,
  headers: {},
  request: {
    ...{ method: 'HEAD', secure: true, address: undefined, user: undefined, password: 'none' },
    ...{ token: 'none', query: 'none', remoteUser: undefined },
  },
  certificate: undefined,
  bounds: [],
  reason: 'no branch allowed it',
  distribution: 'acme',
  path: '/pulp/repos/acme/x',
  principal: undefined,
  tree: {
    label: 'any',
    at: 'access.any',
    outcome: 'deny',
    reason: undefined,
    findings: undefined,
    children: [
      {
        label: 'all',
        at: '',
        outcome: 'deny',
        reason: undefined,
        findings: undefined,
        children: [leaf('one', 'abstain'), leaf('two', 'deny', 'because')],
      },
      {
        label: 'not',
        at: '',
        outcome: 'fault',
        reason: 'broken',
        findings: undefined,
        children: [leaf('three', 'fault', 'broken')],
      },
      leaf('four', 'not evaluated'),
    ],
  },
} as const;

describe('describeExplanation', () => {
  it('describeExplanation draws each outcome in ASCII', () => {
    assert.equal(
      describeExplanation(explanation, 'HEAD', { unicode: false, color: false }),
      `x any (deny)
|- x all (deny)
|  |- - one (abstain)
|  \`- x two (deny): because
|- ! not (fault)
|  \`- ! three (fault): broken
\`- . four (not evaluated)

HEAD /pulp/repos/acme/x in the distribution acme is refused: no branch allowed it. The client sees 403.
`,
    );
  });

  it('describeExplanation draws each outcome in Unicode, with color where it is wanted', () => {
    const text = describeExplanation(explanation, 'GET', { unicode: true, color: true });
    const [first, second] = text.split('\n');
    assert.equal(first, '\u001b[31m✗\u001b[0m any (deny)');
    assert.equal(second, '├─ \u001b[31m✗\u001b[0m all (deny)');
    assert.match(text, /│ {2}└─ /);
    assert.ok(text.includes('└─ \u001b[90m·\u001b[0m four'));
  });

  it('T87 describeExplanation lets no value start a line or drive a terminal', () => {
    const text = describeExplanation(
      {
        ...explanation,
        outcome: 'allow',
        path: '/pulp/repos/acme/\u001b[2J\n',
        reason: 'a\r\nb\u202e',
        principal: { kind: 'basic', name: 'x\u0007', label: 'X\u009b' },
        tree: leaf('rule', 'allow', 'x\n\u009b31m'),
      },
      'GET',
      { unicode: false, color: false },
    );
    assert.deepEqual(text.split('\n').length, 4);
    assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
    assert.match(text, /is served to basic:x\\u0007 \(X\\u009b\): a\\u000d b\\u202e/);
  });
});
