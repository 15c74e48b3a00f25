import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Progress, type Step } from '../../../src/admin/present/progress.ts';

/** What is written to a terminal of so many columns, or to a file where there is no number. */
function written(columns: number | undefined, show: (progress: Progress) => void): string {
  let text = '';
  const write = (more: string): void => {
    text += more;
  };
  show(new Progress({ isTTY: columns !== undefined, columns, write }));
  return text;
}

const step = (done: number, total = 4): Step => ({
  ...{ name: 'RPMs', done, total },
  text: `${done} of ${total}`,
});

const clear = '\u001b[2K';

describe('Progress', () => {
  it('Progress draws bars on a terminal, and draws them anew in their place', () => {
    const text = written(80, (progress) => {
      progress.show([step(0)]);
      progress.show([step(2), step(4)]);
      progress.end();
      progress.show([step(4)]);
    });
    const bar = (filled: number): string => `[${'='.repeat(filled)}${' '.repeat(30 - filled)}]`;
    assert.equal(
      text,
      [
        `${clear}${bar(0)}   0%  RPMs  0 of 4\n`,
        `\u001b[1A${clear}${bar(15)}  50%  RPMs  2 of 4\n${clear}${bar(30)} 100%  RPMs  4 of 4\n`,
        `${clear}${bar(30)} 100%  RPMs  4 of 4\n`,
      ].join(''),
    );
  });

  it('Progress fits its lines into every width, so that none wraps', () => {
    for (let columns = 1; columns <= 120; columns += 1) {
      const text = written(columns, (progress) => progress.show([step(1)]));
      const line = text.slice(clear.length, -1);
      assert.ok(line.length <= Math.max(0, columns - 1), `${columns}: ${line}`);
    }
    const unknown = written(0, (progress) => progress.show([step(1)]));
    assert.match(unknown, /1 of 4\n$/);
    // Each of these takes two columns: behind 38 of the bar there is room for five in 49.
    const name = '\u{1f600}'.repeat(100);
    const wide = written(50, (progress) => progress.show([{ ...step(1), name }]));
    assert.equal(wide.match(/\u{1f600}/gu)?.length, 5);
  });

  it('Progress leaves no line of more steps behind when there are fewer', () => {
    const text = written(80, (progress) => {
      progress.show([step(1), step(1)]);
      progress.show([step(1)]);
      progress.show([step(1)]);
    });
    // Each frame goes up by exactly the lines that the one before it wrote.
    const frames = text.replaceAll(clear, '').replaceAll('\u001b[J', '').split('\u001b[');
    const lines = frames.map((frame) => frame.split('\n').length - 1);
    const ups = frames.slice(1).map((frame) => Number.parseInt(frame, 10));
    assert.deepEqual(ups, lines.slice(0, -1));
  });

  it('Progress shows what cannot be as none or all of it', () => {
    for (const [one, share] of [
      [step(9), '100%'],
      [step(-1), '  0%'],
      [step(3, 0), '  0%'],
    ] as const) {
      assert.match(
        written(80, (progress) => progress.show([one])),
        new RegExp(` ${share}  RPMs`),
      );
    }
  });

  it('Progress lets no text of the server drive the terminal (T87)', () => {
    const hostile = { ...step(1), name: 'a\u001b[2Jb\nc\u202e', text: '\u0085\u0007' };
    for (const columns of [80, undefined]) {
      const text = written(columns, (progress) => progress.show([hostile]));
      assert.match(text.replaceAll(clear, ''), /^[^\p{Cc}\p{Cf}]*\n$/u);
    }
  });

  it('Progress off a terminal says a line for each quarter, and each other text once', () => {
    const text = written(undefined, (progress) => {
      for (let done = 0; done <= 100; done += 1) progress.show([step(done, 100)]);
      const waiting = { name: 'Task', done: 0, total: 0, text: 'waiting' };
      for (const each of ['waiting', 'waiting', 'running']) {
        progress.show([{ ...waiting, text: each }]);
      }
      progress.end();
      progress.show([step(100, 100)]);
    });
    assert.deepEqual(text.trimEnd().split('\n'), [
      ...[0, 25, 50, 75, 100].map((done) => `RPMs: ${done} of 100`),
      'Task: waiting',
      'Task: running',
      'RPMs: 100 of 100',
    ]);
  });
});
