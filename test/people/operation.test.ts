import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { operationOfNumber, operations, readOperation } from '../../src/people/operation.ts';

describe('readOperation', () => {
  it('knows the five names in any case, and nothing else', () => {
    for (const operation of operations) {
      assert.equal(readOperation(operation), operation);
      assert.equal(readOperation(operation.toLowerCase()), operation);
    }
    assert.equal(readOperation('eXeCuTe'), 'EXECUTE');
    for (const raw of [
      '',
      ' READ',
      'READ\n',
      'WRITE',
      'ＲＥＡＤ',
      'toString',
      1,
      null,
      ['READ'],
      {},
    ]) {
      assert.equal(readOperation(raw), undefined, JSON.stringify(raw));
    }
  });
});

describe('operationOfNumber', () => {
  it('knows the numbers of Pulp 2, and nothing else', () => {
    assert.deepEqual([0, 1, 2, 3, 4].map(operationOfNumber), operations);
    for (const raw of [-1, 5, 0.5, Number.NaN, '0', 'length', null, undefined]) {
      assert.equal(operationOfNumber(raw), undefined, String(raw));
    }
  });
});
