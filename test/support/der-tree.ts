/** DER as a tree that can be changed at any place and written again, right or wrong. */

import { DerReader, derTags } from '../../src/identity/der.ts';

export interface DerNode {
  tag: number;
  /** What it is made of; undefined for a value of its own. */
  children: DerNode[] | undefined;
  /** Of a value of its own; of others what stands before the children, as the unused bits of a key. */
  content: Buffer;
  /** How its length is written: as DER wants, in a byte too many, or as BER's open end. */
  length: 'der' | 'long' | 'open';
}

/** The value that `der` is. Strings of bytes or bits that hold DER are opened as well. */
export function readTree(der: Uint8Array): DerNode {
  const reader = new DerReader(der);
  const node = readNode(reader);
  reader.end('value');
  return node;
}

export function writeTree({ tag, children, content, length }: DerNode): Buffer {
  const all = Buffer.concat([content, ...(children ?? []).map(writeTree)]);
  const size = all.length;
  if (length === 'open') return Buffer.concat([Buffer.of(tag, 0x80), all, Buffer.of(0, 0)]);
  const digits = size.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  const isShort = size < 0x80 && length === 'der';
  const padding = length === 'long' && size >= 0x80 ? [0] : [];
  const header = isShort ? [size] : [0x80 + bytes.length + padding.length, ...padding, ...bytes];
  return Buffer.concat([Buffer.of(tag, ...header), all]);
}

export function copyTree({ content, children, ...rest }: DerNode): DerNode {
  return { ...rest, content: Buffer.from(content), children: children?.map(copyTree) };
}

/** `root` and all in it, the outer ones first. */
export function nodesOf(root: DerNode): readonly DerNode[] {
  return [root, ...(root.children ?? []).flatMap(nodesOf)];
}

function readNode(reader: DerReader): DerNode {
  const { tag, content } = reader.readAny('value');
  const isCollection = (tag & 0x20) !== 0;
  const before = tag === derTags.bitString ? 1 : 0;
  const children = isCollection
    ? readAll(content)
    : tag === derTags.octetString || tag === derTags.bitString
      ? readInside(content.subarray(before))
      : undefined;
  const own = children === undefined ? content : content.subarray(0, before);
  return { tag, children, content: Buffer.from(isCollection ? [] : own), length: 'der' };
}

function readAll(content: Uint8Array): DerNode[] {
  const reader = new DerReader(content);
  const nodes: DerNode[] = [];
  while (!reader.done) nodes.push(readNode(reader));
  return nodes;
}

/** Most strings hold something else. */
function readInside(content: Uint8Array): DerNode[] | undefined {
  try {
    return content.length > 2 ? [readTree(content)] : undefined;
  } catch {
    return undefined;
  }
}
