/** What the rules that come along take in policies of the store: nothing that names a file or address. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { builtInPluginNames, loadPlugins } from '../../src/access/plugins.ts';
import { fingerprintOf } from '../../src/identity/certificate.ts';
import type { ClientCertificate } from '../../src/model.ts';
import type { AuthorizerPlugin } from '../../src/plugin.ts';
import { optionsOfStored, servicesOfStored } from '../../src/policies/stored-rules.ts';
import { accessRequest, evidence } from '../support/evidence.ts';
import { type Credential, createPki } from '../support/pki.ts';
import { testServices } from '../support/services.ts';

const pki = createPki();
let root: Credential;
let plugins: ReadonlyMap<string, AuthorizerPlugin>;

before(async () => {
  root = await pki.authority({ subject: '/O=Acme/CN=root' });
  ({ plugins } = await loadPlugins(new Set(builtInPluginNames()), [], '/'));
});
after(() => pki[Symbol.dispose]());

function pluginOf(name: string): AuthorizerPlugin {
  const plugin = plugins.get(name);
  assert.ok(plugin, `there is a plugin ${name}`);
  return plugin;
}

function presented({ der }: Credential): ClientCertificate {
  return { der, fingerprint: fingerprintOf(der), intermediates: [], vouchedBy: 'front' };
}

const refused: readonly (readonly [rule: string, options: unknown])[] = [
  ['certificate', { ca: 'ca.pem' }],
  ['certificate', { ca: 'ca.pem', caPem: 'x' }],
  ['certificate', { caPem: 'x', crl: '/etc/shadow' }],
  ['certificate', { caPem: 'x', crl: 'http://169.254.169.254/' }],
  ['certificate', { caPem: '' }],
  ['certificate', { caPem: 'garbage' }],
  ['certificate', {}],
  ['entitlement', { ca: 'ca.pem' }],
  ['entitlement', { caPem: 'x', crl: 'a.crl' }],
  ['entitlement', {}],
  ['password', { file: 'users.htpasswd' }],
  ['password', {}],
  ['signed-url', { keys: 'keys' }],
  ['jwt', { issuer: 'a', audience: 'b', algorithms: ['RS256'], jwksUrl: 'https://a/' }],
];

describe('rules of the store', () => {
  for (const [name, options] of refused) {
    test(`${name} refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => optionsOfStored(pluginOf(name), options), Error);
    });
  }

  test('certificate with a file of CAs is told what may stand there, in words of ours', () => {
    assert.throws(
      () => optionsOfStored(pluginOf('certificate'), { ca: '/etc/ca.pem' }),
      /caPem has to be CA certificates in PEM; it has no setting "ca"; .* stands in the configuration, /,
    );
  });

  test('a plugin that says nothing of the store stands in the configuration alone', () => {
    const { parseStoredOptions: _, ...plugin } = pluginOf('public');
    assert.throws(() => optionsOfStored(plugin, undefined), /may stand in the configuration alone/);
  });

  test('certificate and entitlement take their CAs as PEM, and decide by them', async () => {
    const client = await pki.client(root, { subject: '/O=Acme/CN=one' });
    const stranger = await pki.client(await pki.authority({ subject: '/O=Acme/CN=root' }));
    const services = servicesOfStored(testServices('/nowhere'));
    const plugin = pluginOf('certificate');
    const options = optionsOfStored(plugin, { caPem: root.certificate, subject: { CN: 'one' } });
    const rule = await plugin.create(options, services);
    const decide = (certificate: Credential) =>
      rule.authorize(
        accessRequest({ evidence: evidence({ certificate: presented(certificate) }) }),
        new AbortController().signal,
      );
    assert.equal((await decide(client)).outcome, 'allow');
    const refusal = await decide(stranger);
    assert.match(refusal.outcome === 'deny' ? refusal.reason : '', /under the CAs of the rule/);
    const entitlement = pluginOf('entitlement');
    await entitlement.create(optionsOfStored(entitlement, { caPem: root.certificate }), services);
  });

  test('servicesOfStored() refuses what reaches files and addresses, also what is new', async () => {
    const given = testServices(pki.directory);
    const services = servicesOfStored({ ...given, openAnything: () => 'open' } as typeof given);
    pki.write('ca.pem', root.certificate);
    assert.throws(() => services.resolvePath('a'), /no policy of the store may/);
    for (const [name, service] of Object.entries(services)) {
      if (!name.startsWith('open') || name === 'openInlineAuthority') continue;
      if (name.startsWith('openStored') || name === 'openTokens') continue;
      assert.throws(() => (service as (file: string) => unknown)('ca.pem'), /no policy/, name);
    }
    assert.throws(
      () =>
        services.openInlineAuthority(root.certificate, {
          ...{ lists: ['http://127.0.0.1/'], refreshSeconds: 5 },
          ...{ missing: 'refuse', staleSeconds: 0 },
        }),
      /no policy of the store may/,
    );
  });
});
