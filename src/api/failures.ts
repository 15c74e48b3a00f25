/** The refusals that Pulp's clients know, with the codes and keys that they read. */

import { PortcullisError, toPublicError } from '../errors.ts';
import { Failure, type JsonObject } from './outcome.ts';
import type { ValueProblem } from './value-problem.ts';

/** @param resources type to id, as `{ user_login: 'joe' }` */
export function missingResource(resources: JsonObject): Failure {
  const names = Object.entries(resources).map(([type, id]) => `${type}=${String(id)}`);
  return new Failure({
    status: 404,
    code: 'PLP0009',
    text: `Missing resource(s): ${names.join(', ')}`,
    extra: { resources },
    data: { resources },
  });
}

export function duplicateResource(id: string): Failure {
  return new Failure({
    status: 409,
    code: 'PLP0018',
    text: `Duplicate resource: ${id}`,
    extra: { resource_id: id },
    data: { resource_id: id },
  });
}

/** Values that are wrong, with what is wrong with each. */
export function invalidValues(problems: readonly ValueProblem[]): Failure {
  const names = problems.map(({ property }) => property);
  const reasons = problems.map(({ property, problem }) =>
    problems.length === 1 ? problem : `${property}: ${problem}`,
  );
  const text = `Invalid properties: ${list(names)}: ${reasons.join('; ')}.`;
  return ofProperties('PLP0015', 'property_names', text, names);
}

export function invalidValue(property: string, problem: string): Failure {
  return invalidValues([{ property, problem }]);
}

export function missingValues(names: readonly string[]): Failure {
  return ofProperties(
    'PLP0016',
    'missing_property_names',
    `Missing values for: ${list(names)}`,
    names,
  );
}

export function unsupportedValues(names: readonly string[]): Failure {
  const text = `Unsupported properties: ${list(names)}`;
  return ofProperties('PLP0017', 'unsupported_property_names', text, names);
}

/** A configuration of an importer or distributor, with a sentence for each mistake of the worst kind. */
export function configRefused(
  problems: readonly {
    readonly property: string;
    readonly kind: 'missing' | 'invalid' | 'unsupported';
    readonly message: string;
  }[],
): Failure {
  const kinds = ['missing', 'unsupported', 'invalid'] as const;
  const worst = kinds.find((kind) => problems.some((problem) => problem.kind === kind));
  const told = problems.filter(({ kind }) => kind === worst).slice(0, configProblemsMax);
  const { code, key } = configFailures[worst ?? 'invalid'];
  const text = told.map(({ message }) => `${message}.`).join(' ');
  return ofProperties(
    code,
    key,
    text,
    told.map(({ property }) => property.slice(0, 100)),
  );
}

/** Mistakes of a configuration that are sent back. */
const configProblemsMax = 20;

const configFailures = {
  missing: { code: 'PLP0016', key: 'missing_property_names' },
  unsupported: { code: 'PLP0017', key: 'unsupported_property_names' },
  invalid: { code: 'PLP0015', key: 'property_names' },
} as const;

function ofProperties(
  code: 'PLP0015' | 'PLP0016' | 'PLP0017',
  key: string,
  text: string,
  names: readonly string[],
): Failure {
  return new Failure({
    status: 400,
    code,
    text,
    extra: { [key]: names },
    data: { property_names: names, properties: names },
  });
}

/** Names that come from a request are cut: a body of megabytes is not sent back. */
function list(names: readonly string[]): string {
  return `[${names.map((name) => `'${name}'`).join(', ')}]`;
}

/** A value that would be good elsewhere, with the reason. */
export function refusedValue(property: string, text: string): Failure {
  return ofProperties('PLP0015', 'property_names', text, [property]);
}

/** A conflict with what somebody else goes by. */
export function conflict(
  code: 'POLICY_IN_USE' | 'SET_IN_CONFIGURATION',
  text: string,
  data: JsonObject = {},
): Failure {
  return new Failure({ status: 409, code, text, data });
}

/** A chunk that does not fit to what is there. */
export function uploadConflict(text: string, { outcome, size }: UploadState): Failure {
  const data = { reason: outcome, ...(size !== undefined && { size }) };
  const ofSize = size === undefined ? text : `${text} It has ${size} bytes.`;
  return new Failure({ status: 409, code: 'UPLOAD_CONFLICT', text: ofSize, data });
}

interface UploadState {
  /** As `gap`. */
  readonly outcome: string;
  /** In bytes, where it says something. */
  readonly size?: number;
}

export function uploadTooLarge(bytesMax: number): Failure {
  const text = `The upload would be larger than ${bytesMax} bytes.`;
  return new Failure({ status: 413, code: 'BODY_TOO_LARGE', text });
}

/** A mistake with a code of its own. */
export function invalidRequest(
  code: 'PLP0019' | 'PLP1009' | 'PLP1010' | 'PLP1011' | 'PLP1015',
  text: string,
  data: JsonObject = {},
): Failure {
  return new Failure({ status: 400, code, text, extra: { args: [] }, data });
}

export function invalidJson(): Failure {
  return invalidRequest('PLP1009', 'The server cannot decode the JSON data.');
}

/** What the body should have been, as Pulp names its types. */
export function wrongType(type: 'dict' | 'list'): Failure {
  const text = `The JSON data must be of type '${type}'.`;
  return invalidRequest('PLP1015', text, { data_type: type });
}

export function forbidden(code: 'PLP1012', text: string): Failure {
  return new Failure({ status: 403, code, text, extra: { args: [] } });
}

/** @param what a clause, as `No links are signed` */
export function notConfigured(what: string, setting: string): Failure {
  const text = `${what}: the configuration of the server has no ${setting}.`;
  return new Failure({ status: 403, code: 'NOT_CONFIGURED', text });
}

/**
 * What Pulp 2 has and Portcullis has not.
 *
 * @param operation as `content.install`
 * @param text a sentence that says why, and what there is instead
 */
export function notImplemented(operation: string, text: string): Failure {
  const data = { operation_name: operation };
  return new Failure({ status: 501, code: 'PLP0014', text, extra: data, data });
}

/** As many tasks wait as may. */
export function noWorkers(): Failure {
  const text = 'No more tasks are taken: too many are waiting. Try again later.';
  return new Failure({ status: 503, code: 'PLP0024', text, retryAfterSeconds: 60 });
}

export function crossSite(): Failure {
  const text = 'Calls that a browser makes for a page of another site are not taken.';
  return new Failure({ status: 403, code: 'CROSS_SITE', text });
}

/** The kinds of 401, by the name that clients read as `auth_error_code`. */
const authenticationFailures = {
  authentication_failed: { code: 'PLP0025', text: () => 'Authentication failed.' },
  permission_denied: {
    code: 'PLP0026',
    text: (user: string, operation: string) =>
      `Permission denied: user ${user} cannot perform ${operation}.`,
  },
  invalid_ssl_certificate: {
    code: 'PLP0027',
    text: (user: string) => `Authentication with username ${user} failed: invalid SSL certificate.`,
  },
  pre_auth_remote_user_missing: {
    code: 'PLP0029',
    text: (user: string) =>
      `Authentication with username ${user} failed: preauthenticated remote user is missing.`,
  },
  invalid_username_or_password: {
    code: 'PLP0030',
    text: (user: string) =>
      `Authentication with username ${user} failed: invalid username or password.`,
  },
} as const;

export type AuthenticationFailure = keyof typeof authenticationFailures;

/** 401 without WWW-Authenticate, for missing permissions as well: pulp-admin knows nothing else. */
export function unauthenticated(
  kind: AuthenticationFailure,
  { user, operation }: { readonly user?: string; readonly operation?: string } = {},
): Failure {
  const { code, text } = authenticationFailures[kind];
  return new Failure({
    status: 401,
    code,
    text: text(user ?? '', operation ?? ''),
    extra: { auth_error_code: kind },
    data: {
      ...(user !== undefined && { user }),
      ...(operation !== undefined && { operation }),
    },
  });
}

/** Pulp has no such answer: it lets everybody guess. */
export function tooManyAttempts(retryAfterSeconds: number): Failure {
  return new Failure({
    status: 429,
    code: 'TOO_MANY_ATTEMPTS',
    text: 'Too many wrong passwords. Try again later.',
    retryAfterSeconds,
  });
}

/** What a client may know of an exception: the store's faults by name, a defect not at all. */
export function failureOf(error: unknown): Failure {
  const { code, status, text } = toPublicError(error);
  if (code === 'INTERNAL') return new Failure({ status, text });
  // These two speak of what the client sent, and of nothing else.
  const isAboutRequest = code === 'FILTER_INVALID' || code === 'RESULT_TOO_LARGE';
  if (isAboutRequest && error instanceof PortcullisError) {
    const extra = { property_names: ['filters'] };
    return new Failure({ status, code: 'PLP0015', text: error.message, extra, data: extra });
  }
  return new Failure({ status, code, text });
}
