/** `portcullis nginx-config`. */

import type { Configuration } from '../../config/configuration.ts';
import { edgeDecisionSecondsMax } from '../../config/settings/nginx.ts';
import { PortcullisError } from '../../errors.ts';
import { renderNginxConfig } from '../../front/nginx-config.ts';
import { readDuration } from '../../terminal/duration.ts';
import type { Arguments, Command } from '../command.ts';
import { requireConfiguration } from '../configured.ts';
import { exitCodes } from '../exit-codes.ts';

export const nginxConfig: Command = {
  name: 'nginx-config',
  summary: 'writes the configuration of nginx in front of it',
  synopsis: '',
  description: [
    'Writes to the standard output what stands in the http block of nginx 1.22 or later: TLS, client certificates, the way to Portcullis, and an internal location for each distribution. The group nginx of the configuration says the rest.',
    'Where the workers have a socket each (sockets: worker), it lists the socket of each worker of the pool that serves content (and of the one with the role api, to which /pulp/api/ leads), and nginx asks the one with the fewest connections. Where workers is auto, they are as many as this host has cores; --workers says how many they are elsewhere.',
    'It has to be written again when the distributions, the listeners, the workers or the limits change; `portcullis check --nginx FILE` says whether it has.',
  ],
  options: {
    'edge-decisions': {
      value: 'TIME',
      text: `Has nginx remember for TIME that a client is let in, as 5s; at most ${edgeDecisionSecondsMax}s. The same as the setting nginx.edgeDecisionSeconds, which Portcullis has to run with: what it says is how long a decision is remembered.`,
    },
  },
  isConfigured: true,
  words: { min: 0, max: 0 },
  exitStatus: {},
  examples: [
    {
      text: 'Puts it where Debian and Fedora look:',
      line: 'portcullis nginx-config > /etc/nginx/conf.d/portcullis.conf && nginx -t',
    },
    {
      text: 'With decisions that nginx remembers for five seconds:',
      line: 'portcullis nginx-config --edge-decisions 5s',
    },
  ],
  run: async (args) => {
    const { configuration } = await requireConfiguration(args);
    const nginx = { ...configuration.nginx, edgeDecisionSeconds: secondsOf(args, configuration) };
    process.stdout.write(renderNginxConfig({ ...configuration, nginx }));
    return exitCodes.ok;
  },
};

/** Says so where Portcullis, which tells nginx each time, would tell it otherwise. */
function secondsOf({ options }: Arguments, { nginx }: Configuration): number {
  const { edgeDecisionSeconds: configured } = nginx;
  const text = options.get('edge-decisions');
  if (text === undefined) return configured;
  const seconds = readDuration(text);
  if (seconds === undefined || seconds > edgeDecisionSecondsMax) {
    throw new PortcullisError(
      'USAGE',
      `Cannot use --edge-decisions ${text}: it has to be a time of at most ${edgeDecisionSecondsMax}s, as 5s`,
    );
  }
  if (seconds !== configured) {
    process.stderr.write(
      `nginx.edgeDecisionSeconds is ${configured}, and that is for how many seconds Portcullis lets nginx remember; set it to ${seconds}\n`,
    );
  }
  return seconds;
}
