import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type BodyDecoder, createBodyDecoder } from '../../src/uwsgi/body.ts';
import { ChunkedDecoder, chunkLineBytesMax, trailerBytesMax } from '../../src/uwsgi/chunked.ts';
import { isRefusal, oneByteAtATime } from './support.ts';

suite('createBodyDecoder()', () => {
  test('createBodyDecoder() takes a body of bodyBytes and refuses one byte more', () => {
    assert.equal(read(withLength('5', 5), ['hello']), 'hello');
    assert.throws(() => withLength('6', 5), isRefusal('body-too-large'));
  });

  test('createBodyDecoder() with a limit of 0 takes an empty body alone', () => {
    assert.ok(withLength('0', 0).complete);
    assert.throws(() => withLength('1', 0), isRefusal('body-too-large'));
  });

  test('createBodyDecoder() is complete with the last byte, not before', () => {
    const body = withLength('3', 5);
    body.push(Buffer.from('ab'));
    assert.equal(body.complete, false);
    body.push(Buffer.from('c'));
    assert.equal(body.complete, true);
  });

  test('T70 createBodyDecoder() believes CONTENT_LENGTH and not the transfer coding beside it', () => {
    const variables = new Map([
      ['CONTENT_LENGTH', '5'],
      ['HTTP_TRANSFER_ENCODING', 'chunked'],
    ]);
    assert.equal(read(createBodyDecoder(variables, 5), ['0\r\n\r\n']), '0\r\n\r\n');
  });

  test('createBodyDecoder() removes the framing where there is no CONTENT_LENGTH', () => {
    const variables = new Map([
      ['CONTENT_LENGTH', ''],
      ['HTTP_TRANSFER_ENCODING', 'Chunked'],
    ]);
    assert.equal(read(createBodyDecoder(variables, 5), ['5\r\nhello\r\n0\r\n\r\n']), 'hello');
  });
});

suite('ChunkedDecoder', () => {
  const good: readonly (readonly [string, string, string])[] = [
    ['an empty body', '0\r\n\r\n', ''],
    ['several chunks', '3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n', 'abc0123456789'],
    ['line ends as content', '2\r\n\r\n\r\n0\r\n\r\n', '\r\n'],
    ['sizes with leading zeros', '003\r\nabc\r\n000\r\n\r\n', 'abc'],
    ['chunk extensions', '3;a=b;c="d e"\r\nabc\r\n0 ; x\r\n\r\n', 'abc'],
    ['trailers', '3\r\nabc\r\n0\r\nX-A: b\r\nX-C:\r\n\r\n', 'abc'],
  ];
  for (const [name, text, body] of good) {
    test(`ChunkedDecoder.push() reads ${name}, whole, in bytes and at every split`, () => {
      const bytes = Buffer.from(text);
      assert.equal(read(new ChunkedDecoder(100), [text]), body);
      assert.equal(read(new ChunkedDecoder(100), oneByteAtATime(bytes)), body);
      for (let at = 1; at < bytes.length; at += 1) {
        const parts = [bytes.subarray(0, at), bytes.subarray(at)];
        assert.equal(read(new ChunkedDecoder(100), parts), body);
      }
    });
  }

  const bad: readonly (readonly [string, string])[] = [
    ['no size', '\r\nabc\r\n'],
    ['a sign', '+3\r\nabc\r\n'],
    ['a minus', '-3\r\nabc\r\n'],
    ['a hexadecimal prefix', '0x3\r\nabc\r\n'],
    ['a size of 13 digits', '0000000000003\r\nabc\r\n'],
    ['a space before the size', ' 3\r\nabc\r\n'],
    ['a space after the size', '3 \r\nabc\r\n'],
    ['a line feed alone after the size', '3\nabc\r\n0\r\n\r\n'],
    ['a carriage return alone after the size', '3\rabc\r\n'],
    ['a line feed in an extension', '3;a\nb\r\nabc\r\n'],
    ['a NUL in an extension', '3;\0\r\nabc\r\n'],
    ['a chunk longer than its size', '3\r\nabcd\r\n0\r\n\r\n'],
    ['a chunk that ends with a line feed alone', '3\r\nabc\n0\r\n\r\n'],
    ['a trailer that is no field', '0\r\nabc\r\n\r\n'],
    ['a trailer with a space in its name', '0\r\nX A: b\r\n\r\n'],
    ['bytes after the end', '0\r\n\r\nX'],
  ];
  for (const [name, text] of bad) {
    test(`T70 ChunkedDecoder.push() refuses ${name}`, () => {
      const bytes = Buffer.from(text);
      assert.throws(() => new ChunkedDecoder(100).push(bytes), isRefusal('body-malformed'));
      const inBytes = (): string => read(new ChunkedDecoder(100), oneByteAtATime(bytes));
      assert.throws(inBytes, isRefusal('body-malformed'));
    });
  }

  test('ChunkedDecoder.push() takes bodyBytes and refuses one byte more before it came', () => {
    assert.equal(read(new ChunkedDecoder(5), ['3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n']), 'abcde');
    const decoder = new ChunkedDecoder(5);
    decoder.push(Buffer.from('3\r\nabc\r\n'));
    assert.throws(() => decoder.push(Buffer.from('3\r\n')), isRefusal('body-too-large'));
  });

  test('ChunkedDecoder.push() takes a size line of chunkLineBytesMax and refuses one byte more', () => {
    const line = `0;${'x'.repeat(chunkLineBytesMax - 2)}`;
    assert.equal(read(new ChunkedDecoder(5), [`${line}\r\n\r\n`]), '');
    assert.throws(
      () => new ChunkedDecoder(5).push(Buffer.from(`${line}x`)),
      isRefusal('body-malformed'),
    );
  });

  test('ChunkedDecoder.push() takes trailers of trailerBytesMax and refuses one byte more', () => {
    const trailer = `X: ${'x'.repeat(1021)}\r\n`;
    const trailers = trailer.repeat(trailerBytesMax / 1024);
    assert.equal(read(new ChunkedDecoder(5), [`0\r\n${trailers}\r\n`]), '');
    assert.throws(
      () => new ChunkedDecoder(5).push(Buffer.from(`0\r\n${trailers}Y`)),
      isRefusal('body-malformed'),
    );
  });
});

function withLength(length: string, bodyBytes: number): BodyDecoder {
  return createBodyDecoder(new Map([['CONTENT_LENGTH', length]]), bodyBytes);
}

/** The whole body in `chunks`. */
function read(body: BodyDecoder, chunks: readonly (string | Buffer)[]): string {
  const pieces = chunks.flatMap((chunk) => body.push(Buffer.from(chunk)));
  if (!body.complete) throw new Error('the body is incomplete');
  return Buffer.concat(pieces).toString();
}
