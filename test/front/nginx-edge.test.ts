import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { edgeLocation, readEdgeQuestion } from '../../src/front/edge-question.ts';
import { renderNginxConfig } from '../../src/front/nginx-config.ts';
import { byLocation } from '../../src/front/nginx-quote.ts';
import { loadRight } from '../config/support.ts';

const distributions = `distributions:
  - { relativeUrl: a, root: '/r/$x "y"', access: public }
  - { relativeUrl: a/b, root: /b, access: public }
`;

async function rendered(nginx: string, listen = 'uwsgi: { handOff: x-accel-redirect }') {
  const text = `${distributions}nginx: ${nginx}\nlisten: { ${listen} }`;
  return renderNginxConfig(await loadRight(text));
}

describe('renderNginxConfig with decisions that nginx remembers', () => {
  it('renderNginxConfig has nothing of them unless they are asked for', async () => {
    assert.doesNotMatch(await rendered('{}'), /auth_request|_cache_path|portcullis_decisions/);
  });

  it('renderNginxConfig has a location for each distribution below each prefix', async () => {
    const text = await rendered('{ edgeDecisionSeconds: 5 }');
    const locations = [...text.matchAll(/^ {2}location \^~ "(\/pulp\/[^"]+)" \{$/gm)];
    assert.deepEqual(
      locations.map(([, location]) => location),
      ['/pulp/isos/a/', '/pulp/isos/a/b/', '/pulp/repos/a/', '/pulp/repos/a/b/'],
    );
    assert.match(text, /alias "\/r\/\$\{portcullis_dollar\}x \\"y\\"\/";/);
    assert.equal(text.match(/^ {4}auth_request /gm)?.length, 4);
    assert.equal(text.match(/disable_symlinks on /g)?.length, 6);
  });

  it('T65 T66 renderNginxConfig tells Portcullis nothing of a client that is not in the key', async () => {
    const headers = '{ clientCertificate: X-Cert, clientAddress: X-Real-IP, remoteUser: X-User }';
    const http = `http: { handOff: x-accel-redirect, headers: ${headers} }`;
    for (const listen of [undefined, http]) {
      const text = await rendered('{ edgeDecisionSeconds: 5 }', listen);
      const keys = [...text.matchAll(/_cache_key "([^"]+)";/g)].map(([, key]) => key);
      const client = '$remote_addr $ssl_client_fingerprint $portcullis_hundred_seconds';
      assert.deepEqual(keys, [`$portcullis_scope ${client}`, `$request_uri ${client}`]);
      assert.equal(text.match(/_pass_request_headers off;/g)?.length, 2);
      assert.equal(text.match(/_pass_request_body off;/g)?.length, 2);
      const asked = text.slice(text.indexOf('location = /portcullis-internal/!/distribution'));
      const said = [...asked.slice(0, asked.indexOf('@portcullis_pass_on {')).matchAll(/\$\w+/g)];
      const known = new Set([
        ...['remote_addr', 'ssl_client_raw_cert', 'ssl_client_escaped_cert', 'ssl_client_verify'],
        ...['ssl_client_fingerprint', 'scheme', 'https', 'request_uri', 'portcullis_scope'],
        ...['portcullis_hundred_seconds', 'portcullis_host', 'document_uri', 'server_protocol'],
        ...['server_port', 'server_name', 'ssl_server_name', 'remote_port', 'request_id'],
      ]);
      for (const [variable] of said) assert.ok(known.has(variable.slice(1)), variable);
    }
  });

  it('renderNginxConfig refuses them where nginx is handed no files', async () => {
    await assert.rejects(
      rendered('{ edgeDecisionSeconds: 5 }', 'uwsgi: { handOff: stream }'),
      /listen\.uwsgi\.handOff is stream; set it to x-accel-redirect/,
    );
  });

  it('renderNginxConfig puts the cache and the log where it is told', async () => {
    const text = await rendered(
      '{ edgeDecisionSeconds: 5, decisionCache: /c/d, decisionLog: /l/x }',
    );
    assert.match(text, /^uwsgi_cache_path "\/c\/d" [^;]+ inactive=5s;$/m);
    assert.match(
      text,
      /access_log "\/l\/x" portcullis_decisions buffer=64k flush=1s if=\$portcullis_decided;/,
    );
  });
});

describe('byLocation', () => {
  it('byLocation has the order of nginx, in which a slash comes before all else', () => {
    const sorted = ['/', '/a/', '/a/b/', '/a/b/c/', '/a!/', '/a-b/', '/ab/', '/b/'];
    for (const names of [sorted, sorted.toReversed()]) {
      assert.deepEqual(names.toSorted(byLocation), sorted);
    }
  });
});

describe('readEdgeQuestion', () => {
  const prefix = '/internal/';

  it('readEdgeQuestion reads what edgeLocation writes, with the target as it was', () => {
    for (const question of ['distribution', 'path'] as const) {
      const url = `${edgeLocation(prefix, question)}/a%2Fb?x`;
      assert.deepEqual(readEdgeQuestion(prefix, url), { question, rawTarget: '/a%2Fb?x' });
    }
  });

  it('readEdgeQuestion takes nothing else for a question', () => {
    const others = ['/a', '/internal/', '/internal/!/', '/internal/!/path', '/internal/!/paths/a'];
    for (const url of [...others, '/internal/a/!/path/x', '/internal/!/distribution?/a', '']) {
      assert.equal(readEdgeQuestion(prefix, url), undefined, url);
    }
  });
});
