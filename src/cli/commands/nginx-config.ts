/** `portcullis nginx-config`. */

import { renderNginxConfig } from '../../front/nginx-config.ts';
import type { Command } from '../command.ts';
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
  options: {},
  isConfigured: true,
  words: { min: 0, max: 0 },
  exitStatus: {},
  examples: [
    {
      text: 'Puts it where Debian and Fedora look:',
      line: 'portcullis nginx-config > /etc/nginx/conf.d/portcullis.conf && nginx -t',
    },
  ],
  run: async (args) => {
    const { configuration } = await requireConfiguration(args);
    process.stdout.write(renderNginxConfig(configuration));
    return exitCodes.ok;
  },
};
