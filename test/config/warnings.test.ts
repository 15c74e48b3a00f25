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
});
