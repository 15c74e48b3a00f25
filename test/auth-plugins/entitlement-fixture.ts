/** A CA, certificates of it, and what the rule `entitlement` says of them. */

import assert from 'node:assert/strict';
import { plugin } from '../../auth-plugins/entitlement/index.ts';
import { fingerprintOf } from '../../src/identity/certificate.ts';
import type { CanonicalPath, Voucher } from '../../src/model.ts';
import type { AccessRequest, Decision } from '../../src/plugin.ts';
import { version3 } from '../support/entitlement-extensions.ts';
import { accessRequest, evidence } from '../support/evidence.ts';
import { type Credential, createPki, type Pki } from '../support/pki.ts';
import { testServices } from '../support/services.ts';

export type Presented = Pick<Credential, 'der'>;

export interface Asked {
  readonly distribution?: string;
  readonly inside?: string;
  readonly ca?: string;
  readonly sent?: readonly Credential[];
  readonly vouchedBy?: Voucher;
  readonly now?: Date;
}

export interface EntitlementSite extends Disposable {
  readonly pki: Pki;
  /** The CA, whose certificate is in `ca.pem`. */
  readonly root: Credential;
  /** Entitled to `/content/$releasever/os` and `/acme/el9`. */
  readonly client: Credential;
  /** A certificate of O=Acme,CN=one. */
  entitled(extensions: Readonly<Record<string, string>>, notAfter?: Date): Promise<Credential>;
  /** Asks for `/repodata/repomd.xml` of `acme/el9`, unless told otherwise. */
  decide(presented: Presented, asked?: Asked): Promise<Decision>;
  denied(presented: Presented, expected: RegExp, asked?: Asked): Promise<void>;
}

export const { signal } = new AbortController();

export async function createEntitlementSite(): Promise<EntitlementSite> {
  const pki = createPki();
  const root = await pki.authority({ subject: '/O=Acme/CN=root' });
  pki.write('ca.pem', root.certificate);
  const entitled: EntitlementSite['entitled'] = (extensions, notAfter) =>
    pki.client(root, {
      subject: '/O=Acme/CN=one',
      extensions,
      ...(notAfter === undefined ? {} : { notAfter }),
    });
  const decide: EntitlementSite['decide'] = async (presented, asked = {}) => {
    const services = testServices(pki.directory, () => asked.now ?? new Date());
    const options = plugin.parseOptions({ ca: asked.ca ?? 'ca.pem' });
    const authorizer = await plugin.create(options, services);
    return authorizer.authorize(requestOf(presented, asked), signal);
  };
  return {
    pki,
    root,
    client: await entitled(version3('/content/$releasever/os', '/acme/el9')),
    entitled,
    decide,
    denied: async (presented, expected, asked) => {
      const decision = await decide(presented, asked);
      assert.ok(decision.outcome === 'deny', decision.outcome);
      assert.match(decision.reason, expected);
      assert.doesNotMatch(decision.reason, /\p{Cc}/u);
      assert.deepEqual(Object.keys(decision), ['outcome', 'reason']);
    },
    [Symbol.dispose]: () => pki[Symbol.dispose](),
  };
}

export function requestOf(presented: Presented, asked: Asked = {}): AccessRequest {
  const { distribution = 'acme/el9', inside = '/repodata/repomd.xml', vouchedBy = 'front' } = asked;
  const certificate = {
    der: presented.der,
    fingerprint: fingerprintOf(presented.der),
    intermediates: (asked.sent ?? []).map(({ der }) => der),
    vouchedBy,
  };
  return accessRequest({
    distribution,
    pathInDistribution: inside,
    path: `/pulp/repos/${distribution}${inside}` as CanonicalPath,
    evidence: evidence({ certificate }),
  });
}
