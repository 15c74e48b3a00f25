import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { entitlementLimits } from '../../src/entitlement/limits.ts';
import { readEntitlement } from '../../src/entitlement/read-entitlement.ts';
import { derTags } from '../../src/identity/der.ts';
import { encodeElement } from '../../src/identity/der-writer.ts';
import { entitlementOids } from '../support/entitlement-extensions.ts';
import { encodePaths } from './encode-payload.ts';

const { order, version, payload, path } = entitlementOids;
type Extension = readonly [oid: string, value: Uint8Array];

const utf8 = (text: string) => encodeElement(derTags.utf8String, Buffer.from(text));
const octets = (bytes: Uint8Array) => encodeElement(derTags.octetString, bytes);
const ordered = [order, utf8('Subscription')] as const;

function read(...extensions: readonly Extension[]) {
  return readEntitlement(new Map(extensions));
}

function refused(expected: RegExp, ...extensions: readonly Extension[]): void {
  const entitlement = read(...extensions);
  assert.ok('unusable' in entitlement, 'it was read');
  assert.match(entitlement.unusable, expected);
}

function granted(asked: string, ...extensions: readonly Extension[]): boolean {
  const entitlement = read(...extensions);
  assert.ok(!('unusable' in entitlement), JSON.stringify(entitlement));
  return entitlement.find(asked).granted;
}

describe('readEntitlement', () => {
  it('readEntitlement() reads the strings of version 1 in each type, and plain', () => {
    const bytes = Buffer.from('content/os');
    for (const value of [
      encodeElement(derTags.utf8String, bytes),
      encodeElement(derTags.ia5String, bytes),
      encodeElement(derTags.printableString, bytes),
      bytes,
    ]) {
      assert.equal(granted('/content/os/x', ordered, [path(1), value]), true);
    }
  });

  it('readEntitlement() reads all paths of version 1, whichever content they are of', () => {
    const paths = Array.from({ length: 1000 }, (_, n) => [path(n), utf8(`c/${n}/os`)] as const);
    assert.equal(granted('/c/0/os', ordered, ...paths), true);
    assert.equal(granted('/c/999/os', ordered, ...paths), true);
    assert.equal(granted('/c/1000/os', ordered, ...paths), false);
  });

  it('readEntitlement() reads nothing but the URL paths of contents of the first type', () => {
    const arc = '1.3.6.1.4.1.2312.9';
    for (const oid of [
      ...[`${arc}.2.1000.2.6`, `${arc}.2.1000.1.7`, `${arc}.2.1000.1`, `${arc}.2.1000.1.6.1`],
      ...[`${arc}.2.1.1000.1.6`, `${arc}.1.1000.1.6`, `1.3.6.1.4.1.2312.19.2.1000.1.6`],
      ...[`1.3.6.1.4.1.23121.9.2.1000.1.6`, `${arc}.22.1000.1.6`],
    ]) {
      assert.equal(granted('/content/os', ordered, [oid, utf8('content/os')]), false, oid);
    }
  });

  it('readEntitlement() takes no certificate for an entitlement that has no order', () => {
    refused(/^it is not an entitlement certificate$/);
    refused(/not an entitlement certificate/, [path(1), utf8('content/os')]);
    refused(/not an entitlement certificate/, [entitlementOids.product, utf8('Product')]);
  });

  it('T46a readEntitlement() refuses values that are not the DER that they should be', () => {
    const text = Buffer.from('content/os');
    for (const value of [
      Buffer.concat([Buffer.of(0x0c, 0x80), text, Buffer.of(0, 0)]),
      Buffer.concat([Buffer.of(0x0c, text.length + 1), text]),
      Buffer.concat([Buffer.of(0x0c, text.length - 1), text]),
      Buffer.concat([Buffer.of(0x0c, 0x81, text.length), text]),
      Buffer.concat([Buffer.of(0x0c, 0x84, 0xff, 0xff, 0xff, 0xff), text]),
      Buffer.concat([utf8('content/os'), Buffer.of(0)]),
      Buffer.concat([Buffer.of(0x1f, 0x0c), text]),
      octets(text),
      Buffer.from([0x0c, 1, 0xff]),
      utf8('content\n/os'),
      Buffer.from('content\0/os'),
      Buffer.from([0xff, 0xfe]),
    ]) {
      refused(/^its path of a content /, ordered, [path(1), value], [path(2), utf8('content/os')]);
    }
    const good = encodePaths(['/content/os']);
    const three = [version, utf8('3.4')] as const;
    assert.equal(granted('/content/os', three, [payload, octets(good)]), true);
    for (const value of [
      good,
      utf8(good.toString('latin1')),
      octets(octets(good)),
      Buffer.concat([octets(good), Buffer.of(0)]),
      octets(good).subarray(0, -1),
      Buffer.concat([Buffer.of(0x24, 0x80), octets(good), Buffer.of(0, 0)]),
      Buffer.alloc(0),
    ]) {
      refused(/^its entitlement payload|^the words of its payload/, three, [payload, value]);
    }
  });

  it('readEntitlement() holds both versions to the limits that it is given', () => {
    const limits = { ...entitlementLimits, comparisonsMax: 1 };
    for (const extensions of [
      [ordered, [path(1), utf8('a')], [path(2), utf8('b')]],
      [
        [version, utf8('3.0')],
        [payload, octets(encodePaths(['/a', '/b']))],
      ],
    ] as const) {
      const entitlement = readEntitlement(new Map(extensions), limits);
      assert.ok(!('unusable' in entitlement));
      const finding = entitlement.find('/c');
      assert.match(finding.granted ? '' : finding.reason, /more than 1 comparisons/);
    }
  });
});
