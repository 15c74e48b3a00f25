/** What an import makes of an installation, in terms that tests compare. */

import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { type ImportOptions, readPulp2 } from '../../src/pulp2-import/import-pulp2.ts';
import type { Pulp2 } from './pulp2-fixture.ts';

export interface Imported {
  /** Policies by relative URL, without those of listing files; undefined where nobody has access. */
  readonly access: Readonly<Record<string, unknown>>;
  /** As `kind: about: text`. */
  readonly notes: readonly string[];
  /** Relative URLs of the distributions of listing files. */
  readonly listings: Readonly<Record<string, unknown>>;
  readonly configuration: Configuration;
  readonly authorities: ReadonlyMap<string, string>;
}

interface Configuration {
  readonly content: { readonly prefixes: readonly string[] };
  readonly nginx?: object;
  readonly distributions: readonly {
    readonly relativeUrl: string;
    readonly root: string;
    readonly listing?: boolean;
    readonly access?: unknown;
  }[];
}

export async function importOf(
  pulp2: Pulp2,
  options: Partial<ImportOptions> = {},
): Promise<Imported> {
  const imported = await readPulp2({
    ...{ root: pulp2.path, trees: undefined, withoutAuthenticators: [] },
    ...{ distributors: undefined, ignoresRestrictions: false },
    ...options,
  });
  const configuration = parse(imported.render()) as Configuration;
  const accessOf = (isListing: boolean) =>
    Object.fromEntries(
      configuration.distributions
        .filter((_, index) => imported.distributions[index]?.isListing === isListing)
        .map(({ relativeUrl, access }) => [relativeUrl, access]),
    );
  return {
    ...{ configuration, authorities: imported.authorities },
    access: accessOf(false),
    listings: accessOf(true),
    notes: imported.notes
      .all()
      .map(({ kind, about, text }) => [kind, about ?? [], text].flat().join(': ')),
  };
}

/** The policy of a repository with a CA of its own, or by the global one. */
export function byOwn(id: string): object {
  return { entitlement: { ca: `pulp2-ca/repository-${id}.pem` } };
}

export const byGlobal = { entitlement: { ca: 'pulp2-ca/global.pem' } };

/** Holds that one note says `text` and no more than one does. */
export function assertNoted(notes: readonly string[], text: RegExp): void {
  assert.equal(notes.filter((note) => text.test(note)).length, 1, notes.join('\n'));
}
