import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configurationWarnings } from '../../src/config/warnings.ts';
import { loadRight } from './support.ts';

describe('configurationWarnings', () => {
  it('configurationWarnings tells what lets nobody in, or too many', async () => {
    const configuration = await loadRight(`
listen:
  uwsgi: { mode: '0666', trustRemoteUser: true }
  http: { address: 'unix:/h', mode: '0602' }
distributions:
  - { relativeUrl: a, root: /a, access: public }
  - { relativeUrl: b, root: /b }
`);
    assert.deepEqual(
      configurationWarnings(configuration).map(({ at }) => at),
      [
        'distributions[1]',
        'listen.uwsgi.mode',
        'listen.http.mode',
        'listen.http.headers',
        'listen.uwsgi.trustRemoteUser',
      ],
    );
  });

  it('configurationWarnings tells that nothing is served, and is silent where all is well', async () => {
    const at = async (text: string): Promise<string[]> =>
      configurationWarnings(await loadRight(text)).map((problem) => problem.at);
    assert.deepEqual(await at(''), ['distributions']);
    const served = 'distributions: [{ relativeUrl: a, root: /a, access: public }]\n';
    assert.deepEqual(await at(served), []);
    const headers = '{ clientCertificate: X-Cert, clientAddress: X-Real-IP, scheme: X-Scheme }';
    assert.deepEqual(await at(`${served}listen: { http: { headers: ${headers} } }`), []);
  });

  const at = async (text: string): Promise<string[]> =>
    configurationWarnings(await loadRight(text)).map((problem) => problem.at);
  const served = 'distributions: [{ relativeUrl: a, root: /a, access: public }]\n';

  it('configurationWarnings tells that no pool serves the distributions', async () => {
    const application = 'application: { module: ./a.ts }\n';
    assert.deepEqual(await at(application), []);
    assert.deepEqual(await at(application + served), ['distributions']);
    const pool = 'pools: { content: { listen: { uwsgi: { address: unix:/c } } } }\n';
    assert.deepEqual(await at(application + served + pool), []);
    assert.deepEqual(await at(application + pool), ['distributions']);
  });

  it('configurationWarnings tells that no front says who the remote user is', async () => {
    const policy = 'any: [public, { all: [{ not: { remote-user: { users: [ann] } } }] }]';
    const distributions = `distributions: [{ relativeUrl: a, root: /a, access: { ${policy} } }]\n`;
    assert.deepEqual(await at(distributions), ['distributions[0].access']);
    const trusting = 'listen: { uwsgi: { trustRemoteUser: true } }\n';
    assert.deepEqual(await at(distributions + trusting), ['listen.uwsgi.trustRemoteUser']);
    const headers =
      '{ clientCertificate: X-Cert, clientAddress: X-IP, scheme: X-Scheme, remoteUser: X-User }';
    assert.deepEqual(await at(`${distributions}listen: { http: { headers: ${headers} } }`), []);
    assert.deepEqual(await at(served), []);
  });

  it('configurationWarnings looks at every pool', async () => {
    const listen = `{ uwsgi: { address: unix:/u, mode: '0666', trustRemoteUser: true }, http: { address: unix:/h } }`;
    assert.deepEqual(await at(`${served}pools: { more: { listen: ${listen} } }`), [
      'pools.more.listen.uwsgi.mode',
      'pools.more.listen.http.headers',
      'pools.more.listen.uwsgi.trustRemoteUser',
    ]);
    const application = `{ application: { module: ./a.ts }, listen: { http: { address: unix:/h } } }`;
    assert.deepEqual(await at(`${served}pools: { more: ${application} }`), []);
  });

  it('configurationWarnings tells a monitor that others can read', async () => {
    const monitor = (text: string): string => `${served}monitor: { ${text} }`;
    assert.deepEqual(await at(monitor('stats: { mode: "0660" }, metrics: {}')), []);
    assert.deepEqual(await at(monitor('stats: { mode: "0666" }')), ['monitor.stats.mode']);
    assert.deepEqual(await at(monitor('stats: { address: "127.0.0.1:1", mode: "0666" }')), []);
    assert.deepEqual(
      await at(monitor('stats: { address: "10.0.0.1:1" }, metrics: { address: "[::]:2" }')),
      ['monitor.stats.address', 'monitor.metrics.address'],
    );
  });

  it('configurationWarnings tells a time limit that is never reached', async () => {
    const limits = 'limits: { requestSeconds: 5 }\n';
    assert.deepEqual(await at(`${served}${limits}access: { timeLimitSeconds: 4.9 }`), []);
    assert.deepEqual(await at(served + limits), ['access.timeLimitSeconds']);
  });

  it('configurationWarnings tells of a decision log in a store that there is not', async () => {
    const at = async (more: string): Promise<string[]> => {
      const distributions = 'distributions: [{ relativeUrl: a, root: /a, access: public }]';
      const configuration = await loadRight(`audit: { inStore: true }\n${distributions}\n${more}`);
      return configurationWarnings(configuration).map((problem) => problem.at);
    };
    assert.deepEqual(await at(''), ['audit.inStore']);
    assert.deepEqual(await at('roles: [content, api]'), []);
    assert.deepEqual(await at('store: { file: /x/y.db }'), []);
  });
});
