/** Changes of a certificate that leave it one in most places: what two readers may see differently. */

import { derTags } from '../../src/identity/der.ts';
import { copyTree, type DerNode, nodesOf } from '../support/der-tree.ts';

export type Random = (below: number) => number;

/** One place of a certificate, and what a change may use. */
interface Place {
  readonly node: DerNode;
  /** The elements that it stands among, itself included. */
  readonly among: DerNode[];
  readonly index: number;
  readonly root: DerNode;
  /** Another certificate. */
  readonly donor: DerNode;
  readonly random: Random;
}

/** One to three changes of `root`, in place. */
export function changeTree(root: DerNode, donor: DerNode, random: Random): void {
  const times = [1, 1, 1, 2, 3][random(5)] ?? 1;
  for (let time = 0; time < times; time += 1) {
    const parents = nodesOf(root).filter(({ children }) => children && children.length > 0);
    const parent = pick(parents, random);
    const among = parent?.children;
    if (among === undefined) return;
    const index = random(among.length);
    const node = among[index];
    const change = pick(changes, random);
    if (node !== undefined) change?.({ node, among, index, root, donor, random });
  }
}

const changes: readonly ((place: Place) => void)[] = [
  flipBit,
  flipBit,
  changeTag,
  ({ node }) => {
    node.length = 'long';
  },
  ({ node }) => {
    node.length = 'open';
  },
  ({ among, index }) => among.splice(index, 1),
  ({ node, among, index }) => among.splice(index, 0, copyTree(node)),
  ({ node, among, index, random }) => {
    among.splice(index, 1);
    among.splice(random(among.length + 1), 0, node);
  },
  ({ among, random }) => among.sort(() => random(3) - 1),
  cut,
  ({ node, random }) => {
    node.content = Buffer.concat([node.content, Buffer.of(random(256))]);
  },
  inPieces,
  ({ node, among, index, donor, random }) => {
    const alike = nodesOf(donor).filter(({ tag }) => tag === node.tag);
    among[index] = copyTree(pick(alike, random) ?? node);
  },
  ({ node, root, random }) => {
    const target = pick(nodesOf(root), random)?.children;
    target?.splice(random(target.length + 1), 0, copyTree(node));
  },
  ({ root, random }) => {
    const times = nodesOf(root).filter(({ tag }) => isTime(tag));
    respell(pick(times, random), timeSpellings, random);
  },
  ({ root, random }) => {
    const numbers = nodesOf(root).filter(
      ({ tag }) => tag === derTags.integer || tag === derTags.boolean,
    );
    respell(pick(numbers, random), numberSpellings, random);
  },
  ({ root, donor, random }) => {
    const part = random(nodeCount(root));
    const other = donor.children?.[part];
    if (other !== undefined && root.children !== undefined) root.children[part] = copyTree(other);
  },
];

function flipBit({ node, random }: Place): void {
  const at = random(Math.max(node.content.length, 1));
  if (node.content.length > 0) node.content[at] = (node.content[at] ?? 0) ^ (1 << random(8));
}

function changeTag({ node, random }: Place): void {
  node.tag = random(2) === 0 ? random(256) : (pick(Object.values(derTags), random) ?? 0);
}

function cut({ node, random }: Place): void {
  if (node.children === undefined) {
    node.content = node.content.subarray(0, random(node.content.length + 1));
  } else {
    node.children.length = random(node.children.length + 1);
  }
}

/** As BER allows strings to be written. */
function inPieces({ node, random }: Place): void {
  if (node.children !== undefined) return;
  const middle = random(node.content.length + 1);
  const piece = (content: Buffer): DerNode => ({ ...node, content, length: 'der' });
  node.children = [piece(node.content.subarray(0, middle)), piece(node.content.subarray(middle))];
  node.content = Buffer.alloc(0);
  node.tag |= 0x20;
}

function isTime(tag: number): boolean {
  return tag === derTags.utcTime || tag === derTags.generalizedTime;
}

type Spelling = readonly [tag: number, content: string];

const timeSpellings: readonly Spelling[] = [
  [derTags.utcTime, '2601010000Z'],
  [derTags.utcTime, '260101000000+0000'],
  [derTags.utcTime, '500101000000Z'],
  [derTags.utcTime, '491231235959Z'],
  [derTags.utcTime, '260231000000Z'],
  [derTags.utcTime, '20260101000000Z'],
  [derTags.generalizedTime, '260101000000Z'],
  [derTags.generalizedTime, '20400101000000Z'],
  [derTags.generalizedTime, '20400101000000.0Z'],
  [derTags.generalizedTime, '20400101000000'],
  [derTags.generalizedTime, '204001010000Z'],
  [derTags.generalizedTime, '00990101000000Z'],
  [derTags.generalizedTime, '99991231235959Z'],
];

const numberSpellings: readonly Spelling[] = [
  [derTags.integer, ''],
  [derTags.integer, '\x00'],
  [derTags.integer, '\x00\x01'],
  [derTags.integer, '\x00\x00\x02'],
  [derTags.integer, '\xff'],
  [derTags.integer, '\x80\x00'],
  [derTags.integer, '\x7f'.repeat(21)],
  [derTags.boolean, '\x00'],
  [derTags.boolean, '\x01'],
  [derTags.boolean, '\xff'],
  [derTags.boolean, '\xff\xff'],
];

function respell(node: DerNode | undefined, spellings: readonly Spelling[], random: Random): void {
  const spelling = pick(spellings, random);
  if (node === undefined || spelling === undefined) return;
  node.tag = spelling[0];
  node.content = Buffer.from(spelling[1], 'latin1');
}

function nodeCount({ children }: DerNode): number {
  return children?.length ?? 0;
}

function pick<Item>(items: readonly Item[], random: Random): Item | undefined {
  return items[random(Math.max(items.length, 1))];
}
