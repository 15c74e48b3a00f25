import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  canonicalizePath,
  encodePath,
  pathBytesMax,
  pathFromBytes,
  pathToBytes,
  segmentPrefixes,
} from '../../src/http/canonical-path.ts';
import { fastestMs } from '../support/timing.ts';

const seed = 20_261_121;

function pathOf(target: string): string {
  const result = canonicalizePath(target);
  assert.ok(result.ok, `${JSON.stringify(target)} was refused`);
  return result.path;
}

function assertRefused(target: string, reason: RegExp): void {
  const result = canonicalizePath(target);
  assert.ok(!result.ok, `${JSON.stringify(target)} was accepted`);
  assert.match(result.reason, reason);
}

/** Escapes every byte, or a random selection of them. */
function escapeBytes(bytes: Uint8Array, chosen: (index: number) => boolean): string {
  return Array.from(bytes, (byte, index) =>
    chosen(index) ? `%${byte.toString(16).padStart(2, '0')}` : String.fromCharCode(byte),
  ).join('');
}

describe('canonicalizePath', () => {
  const accepted: readonly (readonly [target: string, path: string])[] = [
    ['/', '/'],
    ['/a', '/a'],
    ['/a/', '/a/'],
    ['/a/b.rpm?x=/../y#z', '/a/b.rpm'],
    ['/a?', '/a'],
    ['/%61%2D%2d', '/a--'],
    ['/100%25', '/100%'],
    ['/%252e%252e/x', '/%2e%2e/x'],
    ['/caf%C3%A9', '/café'],
    ['/caf\xc3\xa9', '/café'],
    ['/%ff', '/\udcff'],
    ['/\xff', '/\udcff'],
    ['/%c0%ae', '/\udcc0\udcae'],
    ['/%01%0a%0d%20%23%3f%7f', '/\x01\n\r #?\x7f'],
    ['/...', '/...'],
    ['/..a/.b/c..', '/..a/.b/c..'],
    ['/a\\..\\b', '/a\\..\\b'],
    ['/a;b=c/..;', '/a;b=c/..;'],
    ['/!$&\'()*+,;=:@"<>^`{|}', '/!$&\'()*+,;=:@"<>^`{|}'],
  ];
  for (const [target, path] of accepted) {
    it(`reads ${JSON.stringify(target)} as ${JSON.stringify(path)}`, () => {
      assert.equal(pathOf(target), path);
    });
  }

  const refused: readonly (readonly [target: string, reason: RegExp])[] = [
    ['', /does not begin/],
    ['*', /does not begin/],
    ['a', /does not begin/],
    ['?/a', /does not begin/],
    ['http://host/a', /does not begin/],
    ['%2Fa', /does not begin/],
    ['//host/a', /empty segment/],
    ['/a//b', /empty segment/],
    ['/a//', /empty segment/],
    ['/.', /"\." or "\.\."/],
    ['/..', /"\." or "\.\."/],
    ['/a/./b', /"\." or "\.\."/],
    ['/a/../b', /"\." or "\.\."/],
    ['/a/%2e%2E/b', /"\." or "\.\."/],
    ['/a/.%2e', /"\." or "\.\."/],
    ['/%2e/', /"\." or "\.\."/],
    ['/a%2fb', /"%2F"/],
    ['/a%2Fb', /"%2F"/],
    ['/a%00', /"%00"/],
    ['/a%', /broken escape/],
    ['/a%2', /broken escape/],
    ['/a%2g', /broken escape/],
    ['/a%u002e', /broken escape/],
    ['/a%%32%65', /broken escape/],
    ['/a b', /control byte/],
    ['/a#/../b', /control byte/],
    ['/a\0', /control byte/],
  ];
  for (const [target, reason] of refused) {
    it(`refuses ${JSON.stringify(target)}`, () => assertRefused(target, reason));
  }

  it('T22 refuses every raw control byte, and takes each but NUL escaped', () => {
    for (const byte of [...Array(0x21).keys(), 0x7f]) {
      assertRefused(`/a${String.fromCharCode(byte)}b`, /control byte/);
      if (byte === 0) continue;
      const escaped = `/a%${byte.toString(16).padStart(2, '0')}b`;
      assert.equal(pathOf(escaped), `/a${String.fromCharCode(byte)}b`);
    }
  });

  it('takes a path at the limit of length, and says of a longer one that it is too long', () => {
    const longest = `/${'a'.repeat(pathBytesMax - 1)}`;
    assert.equal(pathOf(`${longest}?${'q'.repeat(100)}`), longest);
    const result = canonicalizePath(`${longest}a`);
    assert.ok(!result.ok);
    assert.equal(result.tooLong, true);
  });

  it('T34 refuses 64 kB within 5 ms, and reads the worst paths within the limit as fast', () => {
    const worst = [
      `/${'a/'.repeat(32_768)}`,
      '/a'.repeat(pathBytesMax / 2),
      '/..a'.repeat(pathBytesMax / 4),
      `/${'%ff'.repeat(2730)}`,
      `/${'%c3%a9%ff'.repeat(900)}`,
    ];
    for (const target of worst) {
      const elapsed = fastestMs(() => canonicalizePath(target));
      assert.ok(elapsed < 5, `${target.slice(0, 20)}… took ${elapsed} ms`);
    }
  });

  it('T20 gives one path for every spelling of the same bytes', () => {
    const segment = fc
      .uint8Array({ min: 1, max: 255, minLength: 1, maxLength: 12 })
      .filter((bytes) => !bytes.includes(0x2f) && !/^\.\.?$/.test(Buffer.from(bytes).toString()));
    const input = fc.tuple(
      fc.array(segment, { minLength: 1, maxLength: 5 }),
      fc.infiniteStream(fc.boolean()),
    );
    fc.assert(
      fc.property(input, ([segments, choices]) => {
        const everything = segments.map((bytes) => escapeBytes(bytes, () => true));
        const some = segments.map((bytes) =>
          escapeBytes(bytes, (index) => {
            const byte = bytes[index] ?? 0;
            const optional =
              byte > 0x20 && byte !== 0x7f && !'#?%'.includes(String.fromCharCode(byte));
            return !optional || choices.next().value === true;
          }),
        );
        const path = pathOf(`/${everything.join('/')}`);
        assert.equal(pathOf(`/${some.join('/')}`), path);
        assert.deepEqual(
          pathToBytes(path),
          Buffer.concat(segments.flatMap((bytes) => [Buffer.from('/'), bytes])),
        );
      }),
      { seed, numRuns: 10_000 },
    );
  });

  it('T21 never lets through an empty or dot segment, whatever the bytes', () => {
    const pieces = [
      '/',
      '.',
      '..',
      '%2e',
      '%2E',
      '%2f',
      '%',
      '%25',
      '2e',
      '2f',
      '%00',
      '\\',
      ';',
      'a',
    ];
    const target = fc
      .array(fc.constantFrom(...pieces, '?', '#', ' ', '%c0%ae', '\xff'), { maxLength: 12 })
      .map((parts) => `/${parts.join('')}`);
    fc.assert(
      fc.property(target, (raw) => {
        const result = canonicalizePath(raw);
        if (!result.ok) return;
        const segments = result.path.replace(/\/$/, '').split('/').slice(1);
        assert.ok(result.path.startsWith('/') && !result.path.includes('\0'));
        for (const segment of segments) assert.ok(!['', '.', '..'].includes(segment), raw);
      }),
      { seed, numRuns: 10_000 },
    );
  });
});

describe('pathFromBytes', () => {
  it('is undone by pathToBytes for any bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.string({ unit: 'binary', maxLength: 20 }).map((text) => Buffer.from(text)),
      fc
        .array(fc.constantFrom(0xed, 0xb2, 0x80, 0xf0, 0x9f, 0x92, 0xc3, 0xa9, 0x41))
        .map((input) => Uint8Array.from(input)),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        assert.deepEqual(pathToBytes(pathFromBytes(input)), Buffer.from(input));
      }),
      { seed, numRuns: 10_000 },
    );
  });

  it('escapes the bytes of an encoded surrogate one by one, so that no two names meet', () => {
    assert.equal(pathFromBytes(Buffer.from('edb280', 'hex')), '\udced\udcb2\udc80');
    assert.equal(pathFromBytes(Buffer.from('80', 'hex')), '\udc80');
    assert.equal(pathFromBytes(Buffer.from('f09f928080', 'hex')), '💀\udc80');
  });
});

describe('canonicalizePath and `.` segments', () => {
  const respelled = (target: string) => {
    const canonical = canonicalizePath(target);
    assert.equal(canonical.ok, false, target);
    return canonical.ok ? undefined : canonical.respelled;
  };
  const sentOn: readonly (readonly [target: string, path: string])[] = [
    ['/./Packages', '/Packages'],
    ['/a/././b?x=/./', '/a/b'],
    ['/a/.', '/a/'],
    ['/.', '/'],
    ['/./', '/'],
    ['/./%61%20', '/a '],
  ];
  for (const [target, path] of sentOn) {
    it(`refuses ${target}, and names ${path}`, () => {
      assert.equal(respelled(target), path);
    });
  }

  it('T21 names nothing where a dot is escaped, or where anything else is amiss', () => {
    const targets = ['/%2e/a', '/a/%2E', '/./../a', '/a/./..', '/./%2e%2e/a', '/.//a', '/./a%2fb'];
    for (const target of targets) assert.equal(respelled(target), undefined, target);
  });
});

describe('encodePath', () => {
  it('T36 leaves nothing but unreserved bytes, slashes and escapes, and is undone by decoding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const encoded = encodePath(pathFromBytes(bytes));
        assert.match(encoded, /^(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})*$/);
        const decoded = encoded.replaceAll(/%(..)/g, (_, hex) =>
          String.fromCharCode(Number.parseInt(hex, 16)),
        );
        assert.deepEqual(Buffer.from(decoded, 'latin1'), Buffer.from(bytes));
      }),
      { seed, numRuns: 10_000 },
    );
  });
});

describe('segmentPrefixes', () => {
  const cases: readonly (readonly [path: string, max: number, prefixes: readonly string[]])[] = [
    ['/', 9, []],
    ['/a', 9, ['/a']],
    ['/a/', 9, ['/a']],
    ['/a/bc/d', 9, ['/a', '/a/bc', '/a/bc/d']],
    ['/a/bc/d', 2, ['/a', '/a/bc']],
    ['/a/bc/d', 0, []],
  ];
  for (const [path, max, prefixes] of cases) {
    it(`gives ${JSON.stringify(prefixes)} for ${path} and at most ${max}`, () => {
      assert.deepEqual([...segmentPrefixes(path, max)], prefixes);
    });
  }
});
