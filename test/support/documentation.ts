/** Holds pages of docs/ to the constants that they speak of. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from './source-tree.ts';

/** What a sentence or a row of a table is about, and the values that stand in it. */
export type Expected = readonly [subject: string, ...values: string[]];

export function pageSays(page: string, [subject, ...values]: Expected): void {
  const paragraphs = readFileSync(path.join(repositoryRoot, page), 'utf8')
    // A row of a table, an item of a list and a paragraph each stand alone.
    .split(/\n(?=\||\* )|\n\n/)
    .map((paragraph) => paragraph.replaceAll(/\s+/g, ' '));
  const about = paragraphs.filter((paragraph) => paragraph.includes(subject));
  assert.ok(about.length > 0, `nothing about ${subject}`);
  const isSaid = about.some((paragraph) => values.every((value) => paragraph.includes(value)));
  assert.ok(isSaid, `${values.join(' and ')}: not in ${JSON.stringify(about)}`);
}

export function seconds(milliseconds: number): string {
  return milliseconds === 1000 ? '1 second' : `${milliseconds / 1000} seconds`;
}

export function kib(bytes: number): string {
  return `${bytes / 1024} KiB`;
}

export function mib(bytes: number): string {
  return `${bytes / 1024 / 1024} MiB`;
}
