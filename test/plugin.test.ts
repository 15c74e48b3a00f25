import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type OptionsSchema, parseOptionsWith, type SchemaResult } from '../src/plugin.ts';

const schemaOf = (
  validate: (raw: unknown) => SchemaResult<number> | Promise<SchemaResult<number>>,
): OptionsSchema<number> => ({ '~standard': { version: 1, vendor: 'test', validate } });

describe('parseOptionsWith', () => {
  it('gives what the schema made of the options', () => {
    const schema = schemaOf((raw) => ({ value: Number(raw) }));
    assert.equal(parseOptionsWith(schema, '5'), 5);
  });

  it('throws every issue with the path of its setting', () => {
    const schema = schemaOf(() => ({
      issues: [
        { message: 'has to be a map' },
        { message: 'is empty', path: ['deny', 'serials', 0] },
        { message: 'is unknown', path: [{ key: 'a' }, { key: 'b' }] },
        { message: 'is odd', path: [0, 'x'] },
      ],
    }));
    assert.throws(() => parseOptionsWith(schema, {}), {
      message: 'it has to be a map; deny.serials[0] is empty; a.b is unknown; [0].x is odd',
    });
  });

  it('refuses a schema that does not answer at once', () => {
    const schema = schemaOf(async () => ({ value: 1 }));
    assert.throws(() => parseOptionsWith(schema, {}), { message: /the schema is asynchronous/ });
  });
});
