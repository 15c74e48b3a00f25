import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { handOffValueBytesMax } from '../../src/content/hand-off.ts';
import {
  type ContentListener,
  contentPrefix,
  fetchRaw,
  startContentListener,
} from '../support/content.ts';
import {
  type RunningFront,
  startApacheFront,
  startLighttpdFront,
  startNginxFront,
} from '../support/content-fronts.ts';
import { needs } from '../support/needs.ts';
import { until } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';

/** Every byte that a file name can hold. */
const nameBytes = Array.from({ length: 255 }, (_, index) => index + 1).filter(
  (byte) => byte !== '/'.charCodeAt(0),
);

/** A byte at the start, the middle and the end of a name, and in the name of a directory. */
function pathsWith(byte: number): readonly Buffer[] {
  const text = (parts: readonly (string | number)[]) =>
    Buffer.concat(
      parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))),
    );
  const paths = [text(['a', byte, 'b.bin']), text(['end', byte]), text(['d', byte, '/in'])];
  return byte === '.'.charCodeAt(0) ? paths : [...paths, text([byte])];
}

function escapeAll(path: Buffer): string {
  return Array.from(path, (byte) =>
    byte === '/'.charCodeAt(0) ? '/' : `%${byte.toString(16).padStart(2, '0')}`,
  ).join('');
}

describe('deliver of names of any bytes', {
  skip: needs('nginx', 'apache2', 'mod_xsendfile', 'lighttpd'),
}, () => {
  const resources = new AsyncDisposableStack();
  const directory = resources.use(temporaryDirectory());
  const distribution = { relativeUrl: 'caf\u00e9 100%/x', root: directory.path, listing: false };
  const base = `${contentPrefix}caf%C3%A9%20100%25/x`;
  const longName = 'n'.repeat(200);
  let streaming: ContentListener;
  let behindNginx: ContentListener;
  let nginx: RunningFront;
  let apache: RunningFront;
  let lighttpd: RunningFront;

  before(async () => {
    for (const byte of nameBytes) {
      for (const path of pathsWith(byte)) {
        const slash = path.indexOf('/');
        const at = (name: Buffer) => Buffer.concat([Buffer.from(`${directory.path}/`), name]);
        if (slash !== -1) mkdirSync(at(path.subarray(0, slash)));
        writeFileSync(at(path), path);
      }
    }
    mkdirSync(`${directory.path}/${`${longName}/`.repeat(10)}`, { recursive: true });
    const distributions = [distribution];
    streaming = resources.use(await startContentListener({ distributions }));
    behindNginx = resources.use(
      await startContentListener({ distributions, handOff: 'x-accel-redirect' }),
    );
    nginx = resources.use(await startNginxFront(behindNginx, distributions));
    const behindApache = resources.use(
      await startContentListener({ distributions, handOff: 'x-sendfile' }),
    );
    apache = resources.use(await startApacheFront(behindApache.port, directory.path));
    const behindLighttpd = resources.use(
      await startContentListener({ distributions, handOff: 'x-sendfile-encoded' }),
    );
    lighttpd = resources.use(await startLighttpdFront(behindLighttpd.port, directory.path));
  });
  after(() => resources.disposeAsync());

  it('T36 brings every byte through streaming and X-Accel-Redirect', async () => {
    for (const { port } of [streaming, nginx]) await assertAllArrive(port);
    const handedOff = behindNginx.deliveries.filter(
      (delivery) => 'outcome' in delivery && delivery.outcome === 'handed-off',
    );
    assert.equal(handedOff.length, nameBytes.flatMap(pathsWith).length);
  });

  it('T36 brings every byte through X-Sendfile, raw and encoded', async () => {
    await assertAllArrive(apache.port);
    await assertAllArrive(lighttpd.port);
  });

  it('T36 gives nginx a value of unreserved bytes and escapes alone', async () => {
    for (const path of nameBytes.flatMap(pathsWith)) {
      const { headers } = await fetchRaw(behindNginx.port, `${base}/${escapeAll(path)}`);
      assert.match(String(headers['x-accel-redirect']), /^\/_portcullis\/[A-Za-z0-9._~/%-]+$/);
    }
  });

  it('streams a file whose X-Accel-Redirect would be over its limit, and not one at it', async () => {
    const prefix = '/_portcullis/caf%C3%A9%20100%25/x/%21/';
    const directories = `${longName}/`.repeat(9);
    const nameLength = handOffValueBytesMax - prefix.length - directories.length;
    for (const [length, outcome] of [
      [nameLength, 'handed-off'],
      [nameLength + 1, 'complete'],
    ] as const) {
      const path = `${directories}${'z'.repeat(length)}`;
      writeFileSync(directory.file(path), 'long');
      const seen = behindNginx.deliveries.length;
      const { status, body } = await fetchRaw(nginx.port, `${base}/${path}`);
      assert.deepEqual([status, body.toString()], [200, 'long']);
      await until('the delivery is over', () => behindNginx.deliveries.length > seen);
      const last = behindNginx.deliveries.at(-1);
      assert.equal(last && 'outcome' in last && last.outcome, outcome);
    }
  });

  async function assertAllArrive(port: number): Promise<void> {
    for (const path of nameBytes.flatMap(pathsWith)) {
      const target = `${base}/${escapeAll(path)}`;
      const { status, body } = await fetchRaw(port, target);
      assert.deepEqual([status, body.toString('hex')], [200, path.toString('hex')], target);
    }
  }
});
