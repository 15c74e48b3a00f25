import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery } from '../../src/content/delivery.ts';
import {
  type ContentListener,
  contentPrefix,
  fetchRaw,
  startContentListener,
} from '../support/content.ts';
import { until } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const mebibyte = 1024 * 1024;

/** A listener that streams the files of a directory of its own. */
async function startStreaming() {
  const directory = temporaryDirectory();
  const distributions = [{ relativeUrl: 'd', root: directory.path, listing: true }];
  const listener = await startContentListener({ distributions });
  return {
    file: directory.file,
    listener,
    port: listener.port,
    [Symbol.asyncDispose]: async () => {
      await listener[Symbol.asyncDispose]();
      directory[Symbol.dispose]();
    },
  };
}

function urlOf(name: string): string {
  return `${contentPrefix}d/${name}`;
}

/** Sends a request and reads nothing. */
async function ask(port: number, name: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.pause();
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(`GET ${urlOf(name)} HTTP/1.1\r\nHost: h\r\n\r\n`);
  return socket;
}

async function lastDelivery(listener: ContentListener, count: number): Promise<Delivery> {
  await until('the delivery is over', () => listener.deliveries.length >= count);
  const delivery = listener.deliveries.at(-1);
  assert.ok(delivery && 'outcome' in delivery);
  return delivery;
}

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

describe('streamBody', () => {
  it('sends files of any size whole', async () => {
    await using streaming = await startStreaming();
    for (const size of [0, 1, 65_535, 65_536, 65_537, 3 * mebibyte + 7]) {
      const content = Buffer.from(Array.from({ length: size }, (_, index) => (index * 7) & 0xff));
      writeFileSync(streaming.file('file'), content);
      const { body } = await fetchRaw(streaming.port, urlOf('file'));
      assert.ok(body.equals(content), `${size} bytes`);
    }
  });

  it('breaks the connection when the file is cut meanwhile, and says so', async () => {
    await using streaming = await startStreaming();
    writeFileSync(streaming.file('file'), Buffer.alloc(64 * mebibyte, 'x'));
    const socket = await ask(streaming.port, 'file');
    await once(socket, 'readable');
    truncateSync(streaming.file('file'), mebibyte);
    let received = 0;
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    socket.resume();
    await once(socket, 'close');
    const delivery = await lastDelivery(streaming.listener, 1);
    assert.equal(delivery.outcome, 'failed');
    assert.match(
      delivery.detail ?? '',
      /^Cannot send the file to its end: it was cut at byte \d+$/,
    );
    assert.ok(received < 64 * mebibyte);
  });

  it('reads no further than a client that does not read takes', async () => {
    await using streaming = await startStreaming();
    writeFileSync(streaming.file('file'), '');
    truncateSync(streaming.file('file'), 1024 * mebibyte);
    const socket = await ask(streaming.port, 'file');
    await once(socket, 'readable');
    await sleep(300);
    socket.destroy();
    const delivery = await lastDelivery(streaming.listener, 1);
    assert.equal(delivery.outcome, 'aborted');
    assert.ok(delivery.bytes < 32 * mebibyte, `${delivery.bytes} bytes were read ahead`);
  });

  it('T78 leaves no descriptor behind after 10,000 aborted downloads', async () => {
    await using streaming = await startStreaming();
    writeFileSync(streaming.file('file'), Buffer.alloc(4 * mebibyte));
    const { listener, port } = streaming;
    const rounds = 200;
    const atOnce = 50;
    await abortDownloads(port, atOnce);
    await until('the first are over', () => listener.deliveries.length === atOnce);
    const before = openDescriptors();
    for (let round = 0; round < rounds; round += 1) await abortDownloads(port, atOnce);
    const all = (rounds + 1) * atOnce;
    await until('all are over', () => listener.deliveries.length === all, 30_000);
    await until('all descriptors are closed', () => openDescriptors() <= before);
    const outcomes = new Set(listener.deliveries.map((done) => 'outcome' in done && done.outcome));
    assert.deepEqual([...outcomes], ['aborted']);
  });

  it('closes the file of a download that failed before its head', async () => {
    await using streaming = await startStreaming();
    writeFileSync(streaming.file('file'), 'content');
    const before = openDescriptors();
    for (const headers of [
      { 'If-Match': '"x"' },
      { Range: 'bytes=9-' },
      { 'If-None-Match': '*' },
    ]) {
      await fetchRaw(streaming.port, urlOf('file'), { headers });
    }
    await fetchRaw(streaming.port, urlOf('file'), { method: 'HEAD' });
    await until('all descriptors are closed', () => openDescriptors() <= before);
  });

  it('lists a directory and closes it', async () => {
    await using streaming = await startStreaming();
    mkdirSync(streaming.file('sub'));
    const before = openDescriptors();
    for (const name of ['', 'sub/', '?page=99']) await fetchRaw(streaming.port, urlOf(name));
    await until('all descriptors are closed', () => openDescriptors() <= before);
  });
});

/** Each leaves when bytes have come, half of them without taking any. */
async function abortDownloads(port: number, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const socket = await ask(port, 'file');
      await once(socket, 'readable');
      if (index % 2 === 0) socket.read(1000);
      socket.destroy();
    }),
  );
}
