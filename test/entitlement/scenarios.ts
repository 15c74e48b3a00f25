/**
 * The scenarios in which Pulp 2's authenticator for entitlements was tested, as policies: what has a CA
 * of its own is decided by it, what has none by the global one, and what has neither is public.
 */

import { version1, version3 } from '../support/entitlement-extensions.ts';
import type { CertificateOptions, Credential, Pki } from '../support/pki.ts';

/** `own` is the CA of repository X, `other` that of nobody here. */
export type Authority = 'own' | 'global' | 'other';

export interface Scenario {
  readonly number: number;
  readonly sentence: string;
  /** The CA that decides about each of the two repositories; undefined for one that is not protected. */
  readonly x: Authority | undefined;
  readonly y: Authority | undefined;
  readonly shown: Shown | undefined;
  readonly statusOfX: number;
  readonly statusOfY: number;
}

/** A certificate for X and Y, for X alone, or for nothing, and the CA that signed it. */
export type Shown = `${'full' | 'limited' | 'identity'} of ${Authority}`;

/** Of the twenty those that are about two repositories and a certificate. */
export const scenarios: readonly Scenario[] = [
  scenario(1, 'X has its own CA: its full certificate', 'own', undefined, 'full of own', 200, 200),
  scenario(2, 'X has its own CA: one of another', 'own', undefined, 'full of other', 403, 200),
  scenario(3, 'X and Y have one CA: a limited one', 'own', 'own', 'limited of own', 200, 403),
  scenario(3, 'Y is not protected: a limited one', 'own', undefined, 'limited of own', 200, 200),
  scenario(4, 'the global CA alone: a full one', 'global', 'global', 'full of global', 200, 200),
  scenario(
    5,
    'the global CA alone: a limited one',
    'global',
    'global',
    'limited of global',
    200,
    403,
  ),
  scenario(6, 'the global CA alone: one of another', 'global', 'global', 'full of other', 403, 403),
  scenario(7, 'X and all have one CA: a full one', 'global', 'global', 'full of global', 200, 200),
  scenario(8, "its own CA and a global one: one of X's", 'own', 'global', 'full of own', 200, 403),
  scenario(
    9,
    'its own CA and a global one: a global one',
    'own',
    'global',
    'full of global',
    403,
    200,
  ),
  scenario(10, 'no global CA: no certificate', 'own', undefined, undefined, 403, 200),
  scenario(11, 'X has its own CA: no certificate', 'own', 'own', undefined, 403, 403),
  scenario(12, 'the global CA: no certificate', 'global', 'global', undefined, 403, 403),
  scenario(20, 'no entitlement certificate', 'own', undefined, 'identity of own', 403, 200),
];

function scenario(
  number: number,
  sentence: string,
  x: Authority | undefined,
  y: Authority | undefined,
  shown: Shown | undefined,
  statusOfX: number,
  statusOfY: number,
): Scenario {
  return { number, sentence, x, y, shown, statusOfX, statusOfY };
}

/** The relative URLs of a scenario's repositories, for its place in the list. */
export function urlsOf(index: number): { readonly x: string; readonly y: string } {
  return { x: `scenario-${index}/x`, y: `scenario-${index}/y` };
}

export interface ScenarioSite {
  /** As the configuration file's `distributions`: those of all scenarios. */
  readonly distributions: readonly object[];
  certificateOf(shown: Shown | undefined): Credential | undefined;
  /** A certificate of the CA of X with one path, of version 1 or 3. */
  issue(version: 1 | 3, path: string): Promise<Credential>;
  /** As the policy of a distribution. */
  accessBy(authority: Authority | undefined): unknown;
}

export async function createScenarioSite(pki: Pki, root: string): Promise<ScenarioSite> {
  const authorities: Readonly<Record<Authority, Credential>> = {
    own: await pki.authority({ subject: '/CN=own' }),
    global: await pki.authority({ subject: '/CN=global' }),
    other: await pki.authority({ subject: '/CN=other' }),
  };
  const certificates = new Map<Shown, Credential>();
  for (const shown of new Set(scenarios.flatMap((each) => each.shown ?? []))) {
    const [kind, , authority] = shown.split(' ') as [
      'full' | 'limited' | 'identity',
      'of',
      Authority,
    ];
    const options = { subject: `/CN=${kind}`, ...entitlements[kind] };
    certificates.set(shown, await pki.client(authorities[authority], options));
  }
  const accessBy = (authority: Authority | undefined): unknown =>
    authority === undefined
      ? 'public'
      : { entitlement: { ca: authorities[authority].certificatePath } };
  const distributions = scenarios.flatMap(({ x, y }, index) => [
    { relativeUrl: urlsOf(index).x, root, access: accessBy(x) },
    { relativeUrl: urlsOf(index).y, root, access: accessBy(y) },
  ]);
  return {
    distributions,
    certificateOf: (shown) => shown && certificates.get(shown),
    issue: (version, path) =>
      pki.client(authorities.own, {
        extensions: version === 1 ? version1(path) : version3(path),
      }),
    accessBy,
  };
}

const entitlements: Readonly<Record<'full' | 'limited' | 'identity', CertificateOptions>> = {
  full: { extensions: version3('/$scenario/x', '/$scenario/y') },
  limited: { extensions: version1('$scenario/x') },
  identity: {},
};
