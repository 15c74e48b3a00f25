import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { availableParallelism } from 'node:os';
import { describe, it } from 'node:test';
import { workersMax } from '../../src/config/kinds/workers.ts';
import { renderNginxConfig } from '../../src/front/nginx-config.ts';
import { keepAliveConnections, triesMax } from '../../src/front/nginx-upstream.ts';
import { loadRight } from '../config/support.ts';
import { needs } from '../support/needs.ts';
import { startNginx } from '../support/nginx.ts';
import { until } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { ask, startFront } from './nginx-fixture.ts';

const skip = needs('nginx', 'openssl');

describe('upstream of nginx', { skip }, () => {
  for (const protocol of ['uwsgi', 'http'] as const) {
    it(`upstream of nginx goes on over ${protocol} while two of four workers are down`, async () => {
      await using front = await startFront({ protocol, workers: { count: 4, down: [1, 3] } });
      const asked = Array.from({ length: 24 }, () => ask(front.port));
      const statuses = (await Promise.all(asked)).map(({ status }) => status);
      assert.deepEqual(new Set(statuses), new Set([200]));
      assert.equal(front.reached.length, 24);
      const sockets = new Set(front.reached.map(({ socket }) => socket));
      assert.deepEqual([...sockets].sort(), ['content-2.sock', 'content-4.sock']);
    });

    it(`upstream of nginx keeps requests over ${protocol} from a worker that is busy`, async () => {
      const held: ServerResponse[] = [];
      await using front = await startFront({
        protocol,
        workers: { count: 2, down: [] },
        respond: (request, response) => {
          if (request.url === '/hold') held.push(response);
          else response.end();
        },
      });
      const holding = ask(front.port, { path: '/hold' });
      await until('a worker is busy', () => held.length === 1);
      const busy = front.reached[0]?.socket;
      for (let number = 0; number < 8; number += 1) await ask(front.port);
      const others = front.reached.slice(1).map(({ socket }) => socket);
      assert.equal(others.length, 8);
      assert.equal(others.includes(busy ?? ''), false);
      held[0]?.end();
      assert.equal((await holding).status, 200);
    });

    it(`upstream of nginx asks again over ${protocol} when a worker died, but never twice for a change`, async () => {
      let deaths = 1;
      await using front = await startFront({
        protocol,
        respond: (request, response) => {
          if (deaths > 0) request.socket.destroy();
          else response.end();
          deaths -= 1;
        },
      });
      assert.equal((await ask(front.port)).status, 200);
      assert.equal(front.reached.length, 2);
      deaths = 1;
      assert.equal((await ask(front.port, { method: 'POST' })).status, 503);
      assert.equal(front.reached.length, 3);
    });
  }

  it('upstream of nginx tries a request three times and no more, whatever the number of workers', async () => {
    for (const workers of [undefined, { count: 1 }, { count: 2 }, { count: 5 }]) {
      await using front = await startFront({
        protocol: 'uwsgi',
        ...(workers && { workers: { ...workers, down: [] } }),
        respond: (request) => request.socket.destroy(),
      });
      assert.equal((await ask(front.port)).status, 503);
      assert.equal(front.reached.length, 3);
    }
    await using down = await startFront({
      protocol: 'uwsgi',
      workers: { count: 2, down: [1, 2] },
    });
    assert.equal((await ask(down.port)).status, 503);
  });

  it('upstream of nginx holds as many workers as a pool may have', async () => {
    const text = renderNginxConfig(
      await loadRight(
        `workers: ${workersMax}\nlisten: { uwsgi: { address: unix:/run/portcullis/content.sock, sockets: worker } }`,
      ),
    );
    const [block = ''] = /upstream portcullis \{[^}]+\}/.exec(text) ?? [];
    assert.equal(block.match(/server /g)?.length, workersMax);
    using directory = temporaryDirectory();
    const listen = `listen unix:${directory.file('front.sock')};`;
    await using server = await startNginx(
      `${block}\nserver { ${listen} location / { uwsgi_pass portcullis; } }`,
    );
    assert.doesNotMatch(server.errorLog(), /\[(emerg|alert|crit)\]/);
  });
});

describe('upstreamBlock', () => {
  const blockOf = async (text: string, flags = {}): Promise<readonly string[]> => {
    const rendered = renderNginxConfig(await loadRight(text, { flags }));
    const [, block = ''] = /upstream portcullis \{\n([^}]+)\}/.exec(rendered) ?? [];
    return block
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
  };
  const own = `listen: { uwsgi: { address: 'unix:/run/p/content.sock', sockets: worker } }`;

  it('upstreamBlock has a line for each worker, and --workers says how many', async () => {
    assert.deepEqual(await blockOf(`workers: 3\n${own}`), [
      'zone portcullis 67k;',
      'least_conn;',
      'server "unix:/run/p/content-1.sock" max_fails=0;',
      'server "unix:/run/p/content-2.sock" max_fails=0;',
      'server "unix:/run/p/content-3.sock" max_fails=0;',
    ]);
    const four = await blockOf(`workers: 3\n${own}`, { workers: '4' });
    assert.equal(four.filter((line) => line.startsWith('server ')).length, 4);
  });

  it('upstreamBlock has the sockets of few workers again, so that a request can be tried three times', async () => {
    const serversOf = async (workers: number): Promise<readonly string[]> => {
      const block = await blockOf(`workers: ${workers}\n${own}`);
      return block.filter((line) => line.startsWith('server '));
    };
    const [one, two] = [1, 2].map((n) => `server "unix:/run/p/content-${n}.sock" max_fails=0`);
    assert.deepEqual(await serversOf(1), [`${one};`, `${one} backup;`, `${one} backup;`]);
    assert.deepEqual(await serversOf(2), [`${one};`, `${two};`, `${one} backup;`]);
  });

  it('upstreamBlock has a line for each core of this host where the number is auto, and says so', async () => {
    const lines = await blockOf(own);
    const servers = lines.filter((line) => /^server [^ ]+ max_fails=0;$/.test(line));
    assert.equal(servers.length, availableParallelism());
    assert.match(renderNginxConfig(await loadRight(own)), /# One for each core of the host where/);
    assert.doesNotMatch(
      renderNginxConfig(await loadRight(`workers: 2\n${own}`)),
      /One for each core/,
    );
  });

  it('upstreamBlock has the shared socket for each try, and ports that grow by one', async () => {
    const shared = 'server "unix:/run/portcullis/content.sock" max_fails=0;';
    assert.deepEqual(await blockOf('workers: 4'), [shared, shared, shared]);
    assert.deepEqual(
      await blockOf("workers: 3\nlisten: { http: { address: '[::1]:9001', sockets: worker } }"),
      [
        'zone portcullis 67k;',
        'least_conn;',
        'server "[::1]:9001" max_fails=0;',
        'server "[::1]:9002" max_fails=0;',
        'server "[::1]:9003" max_fails=0;',
        'keepalive 32;',
      ],
    );
  });

  it('upstreamBlock has one socket also for each connection that nginx keeps to it', async () => {
    const lines = triesMax + keepAliveConnections;
    const shared = await blockOf('workers: 4\nlisten: { http: { address: unix:/s } }');
    assert.deepEqual(shared, [
      ...Array(lines).fill('server "unix:/s" max_fails=0;'),
      'keepalive 32;',
    ]);
    const own = await blockOf(
      "workers: 1\nlisten: { http: { address: '[::1]:9001', sockets: worker } }",
    );
    assert.deepEqual(own.slice(2), [
      'server "[::1]:9001" max_fails=0;',
      ...Array(lines - 1).fill('server "[::1]:9001" max_fails=0 backup;'),
      'keepalive 32;',
    ]);
  });

  it('upstreamBlock leads to the pool that serves content', async () => {
    const pools = 'pools: { content: { workers: 1, listen: { uwsgi: { address: unix:/c } } } }';
    const [line] = await blockOf(`application: { module: ./a.ts }\n${pools}`);
    assert.equal(line, 'server "unix:/c" max_fails=0;');
    const [main] = await blockOf(`workers: 1\n${pools}`);
    assert.equal(main, 'server "unix:/run/portcullis/content.sock" max_fails=0;');
  });

  it('passDirectives waits a little longer than a request may take', async () => {
    const of = async (text: string): Promise<string> => renderNginxConfig(await loadRight(text));
    const text = await of('limits: { requestSeconds: 12.5 }');
    assert.match(text, /^ *uwsgi_read_timeout 18s;$/m);
    assert.match(text, /^ *uwsgi_next_upstream_timeout 13s;$/m);
    assert.match(await of('listen: { http: }'), /^ *proxy_read_timeout 65s;$/m);
  });
});
