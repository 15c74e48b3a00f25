import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configurationFileOf } from '../../src/config/environment.ts';
import { nearest } from '../../src/config/nearest.ts';
import { loadRight, problemsOf } from './support.ts';

describe('readOverrides', () => {
  it('readOverrides reads numbers, booleans, lists and modes from text', async () => {
    const { listen, content, limits, plugins } = await loadRight('plugins: [a]', {
      environment: {
        PORTCULLIS_LISTEN_UWSGI_ALLOWED_PEERS: '10.0.0.1, 10.1.0.0/16',
        PORTCULLIS_LISTEN_UWSGI_TRUST_REMOTE_USER: 'true',
        PORTCULLIS_LISTEN_UWSGI_MODE: '0600',
        PORTCULLIS_LIMITS_DRAIN_SECONDS: '1.5',
        PORTCULLIS_PLUGINS: '',
      },
      flags: { 'content-prefixes': '/one/,/two/' },
    });
    assert.deepEqual(listen.uwsgi?.allowedPeers, ['10.0.0.1', '10.1.0.0/16']);
    assert.equal(listen.uwsgi?.trustRemoteUser, true);
    assert.equal(listen.uwsgi?.mode, 0o600);
    assert.equal(limits.drainSeconds, 1.5);
    assert.deepEqual(content.prefixes, ['/one/', '/two/']);
    assert.deepEqual(plugins, []);
  });

  it('readOverrides has the text of a variable checked as the file is', async () => {
    const problems = await problemsOf('', {
      environment: { PORTCULLIS_LIMITS_BODY_BYTES: '1e6', PORTCULLIS_LOG_LEVEL: '' },
      flags: { 'listen-uwsgi-trust-remote-user': 'yes' },
    });
    assert.deepEqual(
      problems.map((problem) => problem.split(':')[0]),
      ['listen.uwsgi.trustRemoteUser', 'limits.bodyBytes', 'log.level'],
    );
  });

  it('readOverrides refuses an unknown variable or flag and says which one was meant', async () => {
    const problems = await problemsOf('', {
      environment: { PORTCULLIS_LOG_LEVLE: 'info', PATH: '/bin' },
      flags: { 'log-levle': 'info' },
    });
    assert.deepEqual(problems, [
      ': Cannot use PORTCULLIS_LOG_LEVLE: there is no such setting, did you mean PORTCULLIS_LOG_LEVEL',
      ': Cannot use --log-levle: there is no such setting, did you mean --log-level',
    ]);
  });

  it('readOverrides leaves alone what Kubernetes sets for a service of our name', async () => {
    await loadRight('', {
      environment: {
        PORTCULLIS_CONFIG: '/x',
        PORTCULLIS_SERVICE_HOST: '10.0.0.1',
        PORTCULLIS_SERVICE_PORT_HTTPS: '443',
        PORTCULLIS_PORT: 'tcp://10.0.0.1:443',
        PORTCULLIS_PORT_443_TCP_ADDR: '10.0.0.1',
      },
    });
  });

  it('readOverrides knows no variable for what is written in the file alone', async () => {
    const problems = await problemsOf('', { environment: { PORTCULLIS_DISTRIBUTIONS: '[]' } });
    assert.match(problems[0] ?? '', /Cannot use PORTCULLIS_DISTRIBUTIONS/);
  });
});

describe('configurationFileOf', () => {
  it('configurationFileOf takes the variable, else the default place', () => {
    assert.equal(configurationFileOf({ PORTCULLIS_CONFIG: '/a.yaml' }), '/a.yaml');
    assert.equal(configurationFileOf({}), '/etc/portcullis/portcullis.yaml');
  });
});

describe('nearest', () => {
  it('nearest finds a slip of the finger, and nothing for another word', () => {
    const known = ['listen', 'content', 'access', 'handOff'];
    assert.equal(nearest('lsiten', known), 'listen');
    assert.equal(nearest('contents', known), 'content');
    assert.equal(nearest('handoff', known), 'handOff');
    assert.equal(nearest('zebra', known), undefined);
    assert.equal(nearest('', known), undefined);
  });
});
