import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLogger, type LogLevel, logDepthMax, logValueCharactersMax } from '../src/log.ts';

function logged(level: LogLevel = 'debug') {
  const lines: string[] = [];
  const now = () => new Date('2026-01-02T03:04:05Z');
  const log = createLogger({ level, write: (line) => lines.push(line), now });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '') };
}

describe('createLogger', () => {
  test('createLogger() writes one JSON object on one line', () => {
    const { log, lines, last } = logged();
    log.child({ plugin: 'x' }).info('done', { count: 3, big: 2n ** 60n });
    assert.deepEqual(last(), {
      time: '2026-01-02T03:04:05.000Z',
      level: 'info',
      message: 'done',
      plugin: 'x',
      count: 3,
      big: '1152921504606846976',
    });
    assert.equal(lines[0]?.indexOf('\n'), (lines[0]?.length ?? 0) - 1);
  });

  test('createLogger() writes nothing below its level', () => {
    const { log, lines } = logged('warn');
    log.debug('no');
    log.info('no');
    log.warn('yes');
    log.error('yes');
    assert.equal(lines.length, 2);
  });

  test('T92 createLogger() writes no field with the name of a secret, at any depth', () => {
    const { log, lines } = logged();
    const canary = 'canary';
    const names = [
      'password',
      'Authorization',
      'private_key',
      'PRIVATE-KEY',
      'set-cookie',
      'token',
    ];
    for (const name of names) log.info('x', { [name]: canary, deep: { [name]: [canary] } });
    assert.doesNotMatch(lines.join(''), /canary/);
    assert.match(lines.join(''), /\[secret\]/);
  });

  test('T92 createLogger() writes no private key, whatever the field is called', () => {
    const { log, lines } = logged();
    log.info('x', { text: 'a\n-----BEGIN EC PRIVATE KEY-----\ncanary' });
    log.error('x', { error: new Error('-----BEGIN PRIVATE KEY-----canary') });
    assert.doesNotMatch(lines.join(''), /canary/);
  });

  test('T87 createLogger() lets no value start a line or drive a terminal', () => {
    const { log, lines } = logged();
    log.info('a\nb', { path: '\r\n{"level":"error"}\x1b[2J\u2028' });
    assert.equal(lines.length, 1);
    assert.doesNotMatch(lines[0]?.slice(0, -1) ?? '', /\p{Control}/u);
  });

  test('T87 createLogger() escapes what terminals obey beyond ASCII, in values and names, and loses none of it', () => {
    const { log, lines, last } = logged();
    const text = 'a\u007f\u0080\u009b31m\u009f\u2028\u2029\u202e\u2066\u200f\u061c\u00e9';
    log.info('x', { path: text, [text]: 1 });
    assert.doesNotMatch(lines[0]?.slice(0, -1) ?? '', /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    assert.equal(last().path, text);
    assert.equal(last()[text], 1);
  });

  test('createLogger() writes a value up to its limit, and cuts one past it', () => {
    const { log, last } = logged();
    log.info('x', { text: 'y'.repeat(logValueCharactersMax) });
    assert.equal(last().text.length, logValueCharactersMax);
    log.info('x', { text: 'y'.repeat(logValueCharactersMax + 1) });
    assert.match(last().text, /y… \(8193 characters\)$/);
  });

  test('createLogger() writes values nested up to logDepthMax, and one past it only names them', () => {
    const { log, last } = logged();
    const nested = (depth: number): object =>
      depth === 0 ? { end: 1 } : { in: nested(depth - 1) };
    log.info('x', { value: nested(logDepthMax - 1) });
    assert.deepEqual(last().value, nested(logDepthMax - 1));
    log.info('x', { value: nested(logDepthMax) });
    assert.match(JSON.stringify(last().value), /"\[too deep\]"/);
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    log.info('x', { circle, when: new Date(0), list: [1, 'two', { password: 'canary' }] });
    assert.equal(last().when, '1970-01-01T00:00:00.000Z');
    assert.deepEqual(last().list, [1, 'two', { password: '[secret]' }]);
  });

  test('T62 createLogger() writes no token of a customer, wherever it stood', () => {
    const { log, last } = logged();
    const token = `pct_${'aB3'.repeat(13).slice(0, 38)}`;
    log.info(`asked for /acme/${token}/x`, { path: [`/acme/${token}`], user: `${token}:` });
    assert.equal(last().message, 'asked for /acme/pct_[secret]/x');
    assert.deepEqual(last().path, ['/acme/pct_[secret]']);
    assert.equal(last().user, 'pct_[secret]:');
  });

  test('createLogger() writes errors with their cause', () => {
    const { log, last } = logged();
    log.error('x', { error: new Error('outer', { cause: new Error('inner') }) });
    assert.equal(last().error.message, 'outer');
    assert.equal(last().error.cause.message, 'inner');
  });
});
