/**
 * A process that logs: `log-writer.ts NAME LINES [FILE]` writes lines of many lengths and ends.
 * With FILE it opens it anew whenever it gets SIGUSR1.
 */

import { setTimeout } from 'node:timers/promises';
import { createLogger } from '../src/log.ts';
import { openLogDestination } from '../src/log-destination.ts';

const [name = '', count = '0', file] = process.argv.slice(2);
await using destination = openLogDestination(file);
process.on('SIGUSR1', () => destination.reopen());
const log = createLogger({ level: 'info', write: (line) => destination.write(line) });
for (let number = 0; number < Number(count); number += 1) {
  // Every hundredth is longer than a pipe takes in one piece.
  const length = number % 100 === 99 ? 6000 : (number * 37) % 900;
  log.info('a line', { name, number, text: name.repeat(length) });
  if (number % 10 === 0) await setTimeout(20);
}
