/** `portcullis serve`. */

import packageJson from '../../../package.json' with { type: 'json' };
import { messageOf } from '../../errors.ts';
import { createLogger, type Logger } from '../../log.ts';
import { openLogDestination } from '../../log-destination.ts';
import type { Command } from '../command.ts';
import { requireConfiguration, withPlaces } from '../configured.ts';
import { exitCodes } from '../exit-codes.ts';

export const serve: Command = {
  name: 'serve',
  summary: 'serves the distributions of the configuration',
  synopsis: '',
  description: [
    'Listens where the configuration says and serves until it gets SIGTERM or SIGINT. It then takes no new requests, lets those that run go on for at most limits.drainSeconds, and ends. A second signal ends it at once.',
    'It writes one JSON object a line: `ready` with its addresses once it listens, and then a decision for each request. A configuration with a mistake, a plugin that does not load or a CA file that cannot be read stops the start.',
  ],
  options: {},
  isConfigured: true,
  words: { min: 0, max: 0 },
  exitStatus: {
    [exitCodes.unavailable]: 'It cannot listen at an address of the configuration.',
    [exitCodes.interrupted]: 'A second SIGINT ended it at once.',
  },
  examples: [
    { text: 'Serves the configuration in /etc/portcullis:', line: 'portcullis serve' },
    {
      text: 'Serves another one, with more lines in the log:',
      line: 'portcullis serve --config ./portcullis.yaml --log-level debug',
    },
  ],
  run: async (args) => {
    const { configuration, locate } = await requireConfiguration(args);
    // Loaded when it is needed: it is most of the program, and a manual needs none of it.
    const { createApplication } = await import('../../application.ts');
    await using destination = openLogDestination(configuration.log.file);
    const { level } = configuration.log;
    const log = createLogger({ level, write: (line) => destination.write(line) });
    await using application = await withPlaces(locate, createApplication(configuration, { log }));
    await application.listen();
    using ending = waitForEnd(log);
    log.info('ready', {
      addresses: application.addresses,
      version: packageJson.version,
      pid: process.pid,
      configuration: configuration.file,
    });
    const code = await ending.code;
    await application.close();
    log.info('stopped');
    return code;
  },
};

interface Ending extends Disposable {
  /** Resolves with the exit status when it is time to stop. */
  readonly code: Promise<number>;
}

/** Each handler is there once, so that a second signal does what it does by default. */
function waitForEnd(log: Logger): Ending {
  const { promise, resolve } = Promise.withResolvers<number>();
  const onSignal = (signal: NodeJS.Signals): void => {
    log.info('stopping', { signal });
    resolve(exitCodes.ok);
  };
  const onDefect = (error: unknown): void => {
    log.error('stopping after a defect', { reason: messageOf(error), error });
    resolve(exitCodes.software);
  };
  process.once('SIGTERM', onSignal).once('SIGINT', onSignal).once('uncaughtException', onDefect);
  return {
    code: promise,
    [Symbol.dispose]: () => {
      process.off('SIGTERM', onSignal).off('SIGINT', onSignal).off('uncaughtException', onDefect);
    },
  };
}
