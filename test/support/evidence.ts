/** Requests as rules see them, for tests. */

import type { CanonicalPath, Evidence } from '../../src/model.ts';
import type { AccessRequest } from '../../src/plugin.ts';

export function evidence(parts: Partial<Evidence> = {}): Evidence {
  return Object.freeze({
    address: '192.0.2.1',
    secure: true,
    certificate: undefined,
    basic: undefined,
    bearer: undefined,
    query: undefined,
    remoteUser: undefined,
    ...parts,
  });
}

export function accessRequest(parts: Partial<AccessRequest> = {}): AccessRequest {
  return Object.freeze({
    method: 'GET',
    path: '/pulp/repos/acme/el9/repodata/repomd.xml' as CanonicalPath,
    distribution: 'acme/el9',
    pathInDistribution: '/repodata/repomd.xml',
    policyPath: '/',
    evidence: evidence(),
    ...parts,
  });
}
