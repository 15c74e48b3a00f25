/** What a valid configuration says that its operator may not have meant. */

import type { Problem } from '../model.ts';
import type { Configuration, HttpListener, UwsgiListener } from './configuration.ts';

/** The warnings of `portcullis check`; none of them stops the start. */
export function configurationWarnings(configuration: Configuration): readonly Problem[] {
  const { listen, distributions } = configuration;
  return [
    ...distributions.flatMap(({ access, relativeUrl }, index) =>
      access === undefined
        ? [
            warning(
              `distributions[${index}]`,
              `${relativeUrl} has no access policy: nobody can read it`,
            ),
          ]
        : [],
    ),
    ...(distributions.length === 0
      ? [warning('distributions', 'there is none: every request is answered with 404')]
      : []),
    ...openSocket('listen.uwsgi', listen.uwsgi),
    ...openSocket('listen.http', listen.http),
    ...unnamedHeaders(listen.http),
    ...(listen.uwsgi?.trustRemoteUser
      ? [
          warning(
            'listen.uwsgi.trustRemoteUser',
            'REMOTE_USER is believed: with nginx, $remote_user is whatever the client sends, unless auth_basic protects the same location',
          ),
        ]
      : []),
  ];
}

function openSocket(at: string, listener: UwsgiListener | HttpListener | undefined): Problem[] {
  if (listener?.address.type !== 'unix' || (listener.mode & 0o002) === 0) return [];
  const mode = `0${listener.mode.toString(8)}`;
  return [
    warning(
      `${at}.mode`,
      `${mode} lets every user of this host speak as the front; 0660 with the front's group is enough`,
    ),
  ];
}

/** What no header carries is unknown of every client, and rules that need it never allow. */
function unnamedHeaders(listener: HttpListener | undefined): Problem[] {
  const facts = ['clientCertificate', 'clientAddress', 'scheme'] as const;
  const unnamed = facts.filter((fact) => listener !== undefined && !listener.headers[fact]);
  if (unnamed.length === 0) return [];
  const message = `${unnamed.join(', ')} not named: no rule learns of the client what these would tell`;
  return [warning('listen.http.headers', message)];
}

function warning(at: string, message: string): Problem {
  return { at, message };
}
