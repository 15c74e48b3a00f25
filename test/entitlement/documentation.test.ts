import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { entitlementMemoryLimits } from '../../src/entitlement/entitlement-memory.ts';
import { entitlementLimits } from '../../src/entitlement/limits.ts';

describe('docs/entitlements.md', () => {
  it('docs/entitlements.md lists every limit with its value', () => {
    const file = path.join(import.meta.dirname, '../../docs/entitlements.md');
    const [, limits = ''] = readFileSync(file, 'utf8').split('## Limits');
    const listed = [...limits.matchAll(/^\|.*\| ([\d,]+) \|$/gm)].map(([, value = '']) =>
      Number(value.replaceAll(',', '')),
    );
    const expected = [
      ...Object.values(entitlementLimits),
      ...Object.values(entitlementMemoryLimits),
    ];
    assert.deepEqual(listed, expected);
  });
});
