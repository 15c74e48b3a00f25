/** The deny-list of certificates, which is ours. */

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { denialReasonCharactersMax } from '../../src/people/denied-certificates.ts';
import type { GivenApi } from './contract.ts';
import { withCertificate } from './running-api.ts';

const path = '/v2/denied_certificates/';
const reason = 'lost laptop';
const fingerprintOf = (digit: string): string => digit.repeat(64);

interface DeniedBody {
  readonly id: string;
  readonly _href: string;
  readonly since: string;
}

export function testDeniedCertificates(given: () => GivenApi): void {
  testList(given);
  testNames(given);
  testSessions(given);
}

function testList(given: () => GivenApi): void {
  it('api denies a certificate, shows it, and takes it from the list', async () => {
    const { client } = given();
    const fingerprint = fingerprintOf('a');
    const body = { fingerprint: fingerprint.toUpperCase().replaceAll(/(..)(?=.)/g, '$1:'), reason };
    const { status, body: made, headers } = await client.call('POST', path, { body });
    assert.equal(status, 201);
    const id = `sha256:${fingerprint}`;
    const _href = `/pulp/api${path}${id}/`;
    assert.equal(headers.location, _href);
    assert.match(made.since, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.deepEqual(made, {
      ...{ _id: id, id, fingerprint, issuer: null, serial: null },
      ...{ reason, by: 'admin', since: made.since, _ns: 'denied_certificates', _href },
    });
    assert.deepEqual(await client.ok(200, 'GET', `${path}${id}/`), made);
    const listed = (await client.ok(200, 'GET', path)) as readonly DeniedBody[];
    assert.deepEqual(
      listed.find((one) => one.id === id),
      made,
    );
    const again = await client.refused(409, 'PLP0018', 'POST', path, { body });
    assert.equal(again.resource_id, id);
    assert.equal(await client.ok(200, 'DELETE', `${path}${id}/`), null);
    for (const method of ['GET', 'DELETE'] as const) {
      const missing = await client.refused(404, 'PLP0009', method, `${path}${id}/`);
      assert.deepEqual(missing.resources, { resource_id: id });
    }
  });

  it('api searches the deny-list, by POST and by GET', async () => {
    const { client } = given();
    const ids: string[] = [];
    for (const digit of ['1', '2']) {
      const body = { fingerprint: fingerprintOf(digit), reason: `search ${digit}` };
      ids.push(((await client.ok(201, 'POST', path, { body })) as DeniedBody).id);
    }
    const idsOf = (found: unknown) => (found as readonly DeniedBody[]).map(({ id }) => id);
    const search = async (criteria: object) =>
      idsOf(await client.ok(200, 'POST', `${path}search/`, { body: { criteria } }));
    const filters = { reason: { $regex: '^search' } };
    assert.deepEqual(await search({ filters, sort: [['id', 'descending']] }), ids.toReversed());
    assert.deepEqual(await search({ filters: { id: ids[0] } }), ids.slice(0, 1));
    assert.deepEqual(await search({ filters: { fingerprint: fingerprintOf('2') } }), ids.slice(1));
    const past = { since: { $lt: { $date: '2020-01-01T00:00:00Z' } } };
    assert.deepEqual(await search({ filters: { $and: [filters, past] } }), []);
    const query = new URLSearchParams({ filters: JSON.stringify(filters), limit: '1' });
    query.append('field', 'reason');
    const [first] = (await client.ok(200, 'GET', `${path}search/?${query}`)) as object[];
    assert.deepEqual(Object.keys(first ?? {}).sort(), ['_href', '_id', 'id', 'reason']);
    const hidden = { body: { criteria: { filters: { issuerText: 'x' } } } };
    await client.refused(400, 'PLP0015', 'POST', `${path}search/`, hidden);
  });
}

function testNames(given: () => GivenApi): void {
  it('api names a certificate by itself or by issuer and serial number, which are one', async () => {
    const { client, api } = given();
    const issuer = readFileSync(api.certificateFile, 'utf8');
    const { certificate } = (await client.ok(200, 'POST', '/v2/actions/login/')) as {
      certificate: string;
    };
    const serial = new X509Certificate(certificate).serialNumber;
    const body = { certificate, reason };
    // biome-ignore lint/suspicious/noExplicitAny: what JSON gives.
    const made = (await client.ok(201, 'POST', path, { body })) as any;
    // Node writes whole bytes, so that the first digit may be a zero.
    assert.deepEqual([made.fingerprint, made.serial], [null, BigInt(`0x${serial}`).toString(16)]);
    assert.match(made.issuer, /Portcullis/);
    for (const same of [serial, `decimal:${BigInt(`0x${serial}`)}`]) {
      const other = { issuer, serial: same, certificate: null, reason };
      await client.refused(409, 'PLP0018', 'POST', path, { body: other });
    }
    const found = await client.ok(200, 'POST', `${path}search/`, {
      body: { criteria: { filters: { issuer: made.issuer, serial: made.serial } } },
    });
    assert.deepEqual(found, [made]);
    await client.ok(200, 'DELETE', `${path}${made.id}/`);
  });

  const wrong: readonly (readonly [property: string, body: object])[] = [
    ['certificate', { reason }],
    ['certificate', { fingerprint: fingerprintOf('b'), serial: '1', issuer: 'x', reason }],
    ['certificate', { certificate: 'no PEM', reason }],
    ['certificate', { certificate: 'x'.repeat(64 * 1024 + 1), reason }],
    ['fingerprint', { fingerprint: 'b'.repeat(63), reason }],
    ['fingerprint', { fingerprint: { $ne: null }, reason }],
    ['issuer', { serial: '1', reason }],
    ['issuer', { issuer: 'no PEM', serial: '1', reason }],
    ['reason', { fingerprint: fingerprintOf('b'), reason: '' }],
    ['reason', { fingerprint: fingerprintOf('b'), reason: 'r\0' }],
    [
      'reason',
      { fingerprint: fingerprintOf('b'), reason: 'r'.repeat(denialReasonCharactersMax + 1) },
    ],
  ];
  for (const [index, [property, body]] of wrong.entries()) {
    it(`api denies no certificate with a wrong ${property} (${index})`, async () => {
      const { client } = given();
      const refused = await client.refused(400, 'PLP0015', 'POST', path, { body });
      assert.deepEqual(refused.property_names, [property]);
    });
  }

  it('api denies a certificate with the longest reason, and none without one', async () => {
    const { client } = given();
    const fingerprint = fingerprintOf('c');
    await client.refused(400, 'PLP0016', 'POST', path, { body: { fingerprint } });
    const body = { fingerprint, reason: 'r'.repeat(denialReasonCharactersMax) };
    await client.ok(201, 'POST', path, { body });
  });
}

function testSessions(given: () => GivenApi): void {
  it('T54 api takes no session certificate that is denied, by whichever name', async () => {
    const { client } = given();
    for (const name of ['certificate', 'fingerprint']) {
      const { certificate } = (await client.ok(200, 'POST', '/v2/actions/login/')) as {
        certificate: string;
      };
      const session = { as: undefined, headers: withCertificate(certificate) };
      await client.ok(200, 'GET', '/v2/users/', session);
      const { fingerprint256: fingerprint } = new X509Certificate(certificate);
      const body = { ...(name === 'certificate' ? { certificate } : { fingerprint }), reason };
      const { id } = (await client.ok(201, 'POST', path, { body })) as DeniedBody;
      await client.refused(401, 'PLP0027', 'GET', '/v2/users/', session);
      await client.ok(200, 'DELETE', `${path}${id}/`);
      await client.ok(200, 'GET', '/v2/users/', session);
    }
  });
}
