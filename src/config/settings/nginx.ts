/** What `portcullis nginx-config` writes besides the listeners and distributions. */

import { nginxFilePath } from '../kinds/files.ts';
import { frontAddress, hostName } from '../kinds/network.ts';
import { listOf, wholeNumber } from '../kinds/scalars.ts';
import { group, optionalSetting, setting } from '../setting.ts';

/** The longest time for which nginx may be told to go by a decision, in seconds. */
export const edgeDecisionSecondsMax = 300;

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
    edgeDecisionSeconds: setting(wholeNumber(0, edgeDecisionSecondsMax), {
      description:
        'How long the front may remember that a client is let in, and serve its files without asking; 0 asks each time. A revoked client keeps its access for this long on top of whatever else is remembered.',
      unit: 'seconds',
      default: 0,
      example: 5,
    }),
    decisionLog: optionalSetting(nginxFilePath, {
      description:
        'The log of what the front serves by a decision that it remembers, in the form of the decision log. Where it is not written, portcullis-decisions.log beside nginx.refusalLog.',
      example: '/var/log/nginx/portcullis-decisions.log',
    }),
    decisionCache: setting(nginxFilePath, {
      description:
        'The directory in which the front keeps the decisions that it remembers. nginx makes it, in a directory that there has to be, and lets nobody else read it.',
      default: '/var/lib/nginx/portcullis-decisions',
      example: '/var/cache/nginx/portcullis-decisions',
    }),
  },
);
