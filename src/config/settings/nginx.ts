/** What `portcullis nginx-config` writes besides the listeners and distributions. */

import { nginxFilePath } from '../kinds/files.ts';
import { frontAddress, hostName } from '../kinds/network.ts';
import { listOf } from '../kinds/scalars.ts';
import { group, optionalSetting, setting } from '../setting.ts';

export const nginxGroup = group(
  'What `portcullis nginx-config` writes besides the listeners and the distributions.',
  {
    serverName: setting(hostName, {
      description: 'The name under which clients reach the front.',
      default: 'localhost',
      example: 'repos.example.com',
    }),
    listen: setting(listOf(frontAddress, { min: 1, max: 100 }), {
      description: 'Where the front listens for TLS; each speaks HTTP/1.1 and HTTP/2.',
      default: ['443', '[::]:443'],
      example: ['443', '[::]:443'],
    }),
    certificate: setting(nginxFilePath, {
      description: "The front's certificate, followed by its intermediates, PEM.",
      default: '/etc/portcullis/server.pem',
      example: '/etc/portcullis/server.pem',
    }),
    key: setting(nginxFilePath, {
      description: "The private key of the front's certificate, PEM.",
      default: '/etc/portcullis/server.key',
      example: '/etc/portcullis/server.key',
    }),
    refusalLog: setting(nginxFilePath, {
      description:
        'The log of the requests that the front refuses by itself, such as those with an expired certificate; they never reach Portcullis and its decision log.',
      default: '/var/log/nginx/portcullis-refusals.log',
      example: '/var/log/nginx/portcullis-refusals.log',
    }),
    accessLog: optionalSetting(nginxFilePath, {
      description:
        'The log of all requests, without what lets anybody in: no query, no token in a path, no Authorization. Where it is not written, portcullis-access.log beside nginx.refusalLog.',
      example: '/var/log/nginx/portcullis-access.log',
    }),
  },
);
