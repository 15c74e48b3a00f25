/** The status as a screen that is drawn anew every second, until somebody presses q. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadStream, WriteStream } from 'node:tty';
import type { PortcullisStatus } from '../../metrics/portcullis-status.ts';
import { emperorLines } from './emperor-table.ts';
import { createRateMeter } from './rates.ts';
import type { StatusReading } from './read-status.ts';
import { type Rates, statusLines } from './table.ts';

/** The time from one reading to the next, in milliseconds. */
const refreshMs = 1000;

/** Ctrl-C and Ctrl-D come as characters from a terminal in raw mode. */
const endKeys = ['q', 'Q', '\u0003', '\u0004'];

const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Of DEC private modes: another screen and no cursor, and back (xterm's ctlseqs). */
const enter = '\u001b[?1049h\u001b[?25l';
const leave = '\u001b[?25h\u001b[?1049l';
const home = '\u001b[H';
const clearLine = '\u001b[K';
const clearBelow = '\u001b[J';

export interface Terminal {
  readonly input: ReadStream;
  readonly output: WriteStream;
}

/**
 * @param read gives up when its signal says so
 * @returns the last reading; the terminal is as it was before
 */
export async function watchStatus(
  read: (signal: AbortSignal) => Promise<StatusReading>,
  terminal: Terminal,
): Promise<StatusReading> {
  using ending = waitForEnd(terminal.input);
  using _screen = openScreen(terminal.output);
  const rates = createRateMeter();
  let last: StatusReading | undefined;
  for (;;) {
    const reading = await read(ending.signal);
    if (ending.signal.aborted) return last ?? reading;
    last = reading;
    const lines = linesOf(reading, rates);
    draw(terminal.output, [...lines, '', 'q ends.']);
    await sleep(refreshMs, undefined, { signal: ending.signal }).catch(() => {});
    if (ending.signal.aborted) return reading;
  }
}

/** @param rates since the reading before */
function linesOf(
  reading: StatusReading,
  rates: (status: PortcullisStatus) => Rates,
): readonly string[] {
  if ('status' in reading) return statusLines(reading.status, rates(reading.status), new Date());
  if ('emperor' in reading) return emperorLines(reading.emperor, new Date());
  return [reading.problem];
}

/** Lines that do not fit are cut: a terminal would wrap and scroll them. */
function draw(output: WriteStream, lines: readonly string[]): void {
  // A terminal that does not know its size says 0.
  const columns = output.columns || 80;
  const shown = lines.slice(0, output.rows || 24);
  const cut = shown.map((line) => [...line].slice(0, columns).join('') + clearLine);
  output.write(home + cut.join('\r\n') + clearBelow);
}

function openScreen(output: WriteStream): Disposable {
  output.write(enter);
  return { [Symbol.dispose]: () => output.write(leave) };
}

interface Ending extends Disposable {
  /** Aborted when it is time to end. */
  readonly signal: AbortSignal;
}

function waitForEnd(input: ReadStream): Ending {
  const controller = new AbortController();
  const end = (): void => controller.abort();
  const onKeys = (keys: string): void => {
    if ([...keys].some((key) => endKeys.includes(key))) end();
  };
  for (const signal of endSignals) process.on(signal, end);
  if (input.isTTY) input.setRawMode(true).setEncoding('utf8').on('data', onKeys).resume();
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const signal of endSignals) process.off(signal, end);
      if (input.isTTY) input.off('data', onKeys).setRawMode(false).pause();
    },
  };
}
