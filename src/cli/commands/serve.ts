/** `portcullis serve`. */

import type { Command } from '../command.ts';
import { holdSignals } from '../early-signals.ts';
import { exitCodes } from '../exit-codes.ts';

export const serve: Command = {
  name: 'serve',
  summary: 'serves the distributions of the configuration',
  synopsis: '',
  description: [
    'Starts a primary, which binds the sockets of the configuration and supervises the workers that serve from them. It goes on until it gets SIGTERM, when workers take no new connections and requests that run go on for at most limits.drainSeconds, or SIGINT, when it ends at once; so does a second SIGTERM.',
    'SIGHUP replaces the workers one at a time by new ones, with the configuration and the code that are there by then; a configuration with a mistake leaves everything as it is, and the log says why. SIGUSR1 opens the log file anew. SIGTTIN starts one worker more in the main pool, SIGTTOU ends one, until the next reload.',
    'It writes one JSON object a line: `ready` with its addresses once it serves, then a decision for each request, and a line for each worker that starts or ends. A configuration with a mistake, a plugin that does not load or a CA file that cannot be read stops the start.',
  ],
  options: {
    'single-process': {
      text: 'Serves the main pool in this process, without a primary: for a supervisor that starts, watches and ends several of them. Nothing replaces it, and SIGHUP does nothing.',
    },
    vassal: {
      text: 'Takes the configuration from the emperor that has started this process, and ends with it. For portcullis emperor alone.',
    },
  },
  isConfigured: true,
  words: { min: 0, max: 0 },
  exitStatus: {
    [exitCodes.unavailable]:
      'It cannot listen at an address of the configuration, or another instance holds its pid file.',
    [exitCodes.interrupted]: 'SIGINT or a second SIGTERM ended it at once.',
  },
  examples: [
    { text: 'Serves the configuration in /etc/portcullis:', line: 'portcullis serve' },
    {
      text: 'Serves another one with two workers, and with more lines in the log:',
      line: 'portcullis serve --config ./portcullis.yaml --workers 2 --log-level debug',
    },
  ],
  run: async (args) => {
    const early = holdSignals();
    // Loaded when it is needed: it is most of the program, and a manual needs none of it.
    if (args.options.has('single-process')) {
      const { serveAlone } = await import('../serve-alone.ts');
      return serveAlone(args, early);
    }
    const { serveInstance } = await import('../serve-instance.ts');
    return serveInstance(args, early);
  },
};
