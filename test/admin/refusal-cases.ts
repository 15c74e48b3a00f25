/** What servers refuse, and what is told of it. */

import type { Told } from './server.ts';

const hostile = 'a\u001b]0;x\u0007\u202e\u009bb\nportcullis-admin: run `rm -rf ~`';
const shown = 'a\\u001b]0;x\\u0007\\u202e\\u009bb portcullis-admin: run `rm -rf ~`';

/** The body of a refusal as Pulp sends it. */
function pulp(status: number, error: object, rest: object = {}): Told {
  return {
    status,
    body: {
      _href: '/pulp/api/v2/users/',
      http_status: status,
      http_request_method: 'GET',
      error_message: 'The text.',
      exception: null,
      traceback: null,
      error: { code: 'PLP0000', description: 'The text.', data: {}, sub_errors: [], ...error },
      ...rest,
    },
  };
}

const denied = (data: object): Told =>
  pulp(401, { code: 'PLP0026', data }, { auth_error_code: 'permission_denied' });

export interface RefusalCase {
  readonly what: string;
  readonly told: Told;
  readonly code: number;
  /** All that is written. */
  readonly err: string;
}

export const refusalCases: readonly RefusalCase[] = [
  {
    what: 'an invalid value, with what it is made of',
    told: pulp(400, {
      description: 'Outer.',
      sub_errors: [{ description: 'Inner.', sub_errors: [{ description: 'Innermost.' }] }],
    }),
    code: 65,
    err: 'Invalid Request\nOuter.\n  Inner.\n    Innermost.\n',
  },
  {
    what: 'a mistake that is not explained',
    told: { status: 400, body: {} },
    code: 65,
    err: 'Invalid Request\nThe server does not say why.\n',
  },
  {
    what: 'what is missing, by its type and id',
    told: pulp(404, {}, { resources: { repository: 'zoo', distributor_id: 7 } }),
    code: 65,
    err: 'Not Found\nThe following resource(s) could not be found:\n  zoo (repository)\n  7 (distributor_id)\n',
  },
  {
    what: 'a call that the server does not have',
    told: { status: 404, body: null },
    code: 65,
    err: 'Not Found\nThe server has no such call; api_prefix may be another, or its version older.\n',
  },
  {
    what: 'what is there already',
    told: pulp(409, {}, { resource_id: 'joe' }),
    code: 65,
    err: 'Conflict\nA resource with the ID "joe" already exists.\n',
  },
  {
    what: 'a conflict',
    told: pulp(409, { description: 'Another change is under way.' }, { reasons: [] }),
    code: 65,
    err: 'Conflict\nAnother change is under way.\n',
  },
  {
    what: 'a wrong password',
    told: pulp(401, {}, { auth_error_code: 'invalid_username_or_password' }),
    code: 77,
    err: 'Invalid Username or Password\nThe server does not know joe with this password.\nTry again: portcullis-admin login -u NAME asks for the password.\n',
  },
  {
    what: 'a user of the front whom the server does not have',
    told: pulp(401, {}, { auth_error_code: 'pre_auth_remote_user_missing' }),
    code: 77,
    err: 'Unknown Remote User\nThe text.\n',
  },
  {
    what: 'a missing permission, with the command that grants it',
    told: denied({ user: 'joe', operation: 'READ' }),
    code: 77,
    err: 'Insufficient Permissions\njoe does not have the permission READ on /v2/users/.\nSomebody of the role super-users can grant it: portcullis-admin auth permission grant --resource=/v2/users/ --login=joe --operation=READ\n',
  },
  {
    what: 'a missing permission of which nothing more is said',
    told: denied({}),
    code: 77,
    err: 'Insufficient Permissions\nThe text.\n',
  },
  {
    what: 'a user who could be a command in a shell (T87)',
    told: denied({ user: "'; rm -rf ~ #", operation: '$(x)' }),
    code: 77,
    err: "Insufficient Permissions\n'; rm -rf ~ # does not have the permission $(x) on /v2/users/.\nSomebody of the role super-users can grant it: portcullis-admin auth permission grant --resource=/v2/users/ --login=''\\''; rm -rf ~ #' --operation='$(x)'\n",
  },
  {
    what: 'a call that nobody may make',
    told: pulp(403, {}, { error_message: 'No state parameter was specified.' }),
    code: 70,
    err: 'Forbidden\nNo state parameter was specified.\n',
  },
  {
    what: 'a page that a front refuses',
    told: { status: 403, body: '<html>403 Forbidden</html>' },
    code: 70,
    err: 'Forbidden\nThis request is forbidden.\n',
  },
  {
    what: 'too many wrong passwords, with when to try again',
    told: {
      ...pulp(429, {}, { error_message: 'Too many wrong passwords.' }),
      headers: { 'Retry-After': '30' },
    },
    code: 70,
    err: 'Too Many Attempts\nToo many wrong passwords.\nTry again in 30 seconds.\n',
  },
  {
    what: 'a front that wants a certificate of everybody',
    told: {
      status: 400,
      body: '<html><head><title>400 No required SSL certificate was sent</title></head></html>',
    },
    code: 70,
    err: 'Forbidden\nThe web server before the API wants a client certificate of everybody.\nWhoever runs it can have it ask for one without need of it: ssl_verify_client optional_no_ca in nginx.\n',
  },
  {
    what: 'a fault of the server, with the id of the request',
    told: {
      ...pulp(500, {}, { error_message: 'Internal Server Error' }),
      headers: { 'X-Request-Id': 'f00d' },
    },
    code: 70,
    err: 'Server Error\nThe server answered 500: Internal Server Error.\nThe log of the server says more under the request id f00d.\n',
  },
  {
    what: 'a server without its store',
    told: { ...pulp(503, { code: 'STORE_FULL' }), headers: { 'X-Request-Id': 'f00d' } },
    code: 70,
    err: 'Server Unavailable\nThe server cannot use its store: STORE_FULL.\nTry again in a moment.\nThe log of the server says more under the request id f00d.\n',
  },
  {
    what: 'a server that is away for a reason of its own',
    told: pulp(503, { code: `STORE_${hostile}` }),
    code: 70,
    err: 'Server Unavailable\nThe server answered 503: The text.\nTry again in a moment; on its host, portcullis status says how it is.\n',
  },
  {
    what: 'a front whose server is away',
    told: { status: 502, body: '<html>502 Bad Gateway</html>' },
    code: 70,
    err: 'Server Unavailable\nThe server answered 502.\nTry again in a moment; on its host, portcullis status says how it is.\n',
  },
  {
    what: 'a redirect, which is not followed (T89)',
    told: { status: 302, body: '', headers: { Location: 'https://elsewhere.example/' } },
    code: 70,
    err: 'Unexpected Answer\nThe server answered 302 and points to https://elsewhere.example/, which the API does not do here.\nhost, port and api_prefix of the section [server] have to be those of the API.\n',
  },
  {
    what: 'a web page in place of the API',
    told: { status: 200, body: '<html>Welcome</html>' },
    code: 70,
    err: 'Unexpected Answer\nThe server answered 200, which the API does not do here.\nhost, port and api_prefix of the section [server] have to be those of the API.\n',
  },
  {
    what: 'a text with power over a terminal (T87)',
    told: pulp(400, { description: hostile }),
    code: 65,
    err: `Invalid Request\n${shown}\n`,
  },
  {
    what: 'a resource with power over a terminal (T87)',
    told: pulp(404, {}, { resources: { [hostile]: hostile } }),
    code: 65,
    err: `Not Found\nThe following resource(s) could not be found:\n  ${shown} (${shown})\n`,
  },
];
