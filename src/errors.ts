/**
 * Every error code of Portcullis, in one table.
 *
 * An error has two texts: `publicText` may be shown to a client, `detail` (the Error's message) goes
 * to the log and to the operator. {@link toPublicError} says what a client may know of an exception.
 */

export interface ErrorDescriptor {
  /** HTTP status where the error ends a request; undefined where it only ever reaches the operator. */
  readonly status?: number;
  /** Exit status of a process that it ends, as in sysexits.h; that of a defect unless given. */
  readonly exitStatus?: number;
  /** What a client may read. Never names a file, a rule or a person. */
  readonly publicText: string;
  /** One sentence for docs/errors.md. */
  readonly meaning: string;
}

/** A code is a public promise: never renamed, never given another meaning. docs/errors.md lists them. */
export const errorDescriptors = {
  CONFIG_INVALID: {
    exitStatus: 78,
    publicText: 'The configuration is not valid',
    meaning:
      'The configuration has mistakes, or a plugin does not load or refuses its options; each is listed with its place and what would be right.',
  },
  USAGE: {
    exitStatus: 64,
    publicText: 'The command line is not valid',
    meaning: 'A command was called with wrong words or flags; the message names the right ones.',
  },
  FILE_UNREADABLE: {
    exitStatus: 66,
    publicText: 'A file cannot be read',
    meaning: 'A file that the configuration names is missing, unreadable, empty or malformed.',
  },
  FILE_UNWRITABLE: {
    exitStatus: 73,
    publicText: 'A file cannot be written',
    meaning: 'What a command was told to make is there already, or cannot be written.',
  },
  LISTEN_FAILED: {
    exitStatus: 69,
    publicText: 'The server cannot listen',
    meaning: 'An address or socket path is taken, not permitted, or too long.',
  },
  START_REFUSED: {
    exitStatus: 69,
    publicText: 'The server cannot start',
    meaning:
      'A running instance holds the pid file or it cannot be written; the user, group or service manager that the start needs is not as it has to be; or the directory of an emperor may not be ruled.',
  },
  PACKET_TOO_LARGE: {
    status: 431,
    publicText: 'Request Header Fields Too Large',
    meaning: 'The headers of a request are over their limit.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    publicText: 'Content Too Large',
    meaning: 'A request body is longer than its limit.',
  },
  REQUEST_TIMEOUT: {
    status: 408,
    publicText: 'Request Timeout',
    meaning: 'A request did not arrive within its time limit.',
  },
  BAD_REQUEST: {
    status: 400,
    publicText: 'Bad Request',
    meaning: 'A request header that decides about access is malformed or was sent twice.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    publicText: 'Method Not Allowed',
    meaning: 'Content is read with GET and HEAD only.',
  },
  URI_TOO_LONG: {
    status: 414,
    publicText: 'URI Too Long',
    meaning: 'The request path is longer than its limit.',
  },
  MOVED: {
    status: 301,
    publicText: 'Moved Permanently',
    meaning: 'The path has `.` segments, as apt writes them; Location has the canonical spelling.',
  },
  NOT_FOUND: {
    status: 404,
    publicText: 'Not Found',
    meaning:
      'The path is not canonical, or no distribution or file is there, or the name is hidden.',
  },
  PRECONDITION_FAILED: {
    status: 412,
    publicText: 'Precondition Failed',
    meaning: 'The file is not the one that If-Match or If-Unmodified-Since asks for.',
  },
  RANGE_NOT_SATISFIABLE: {
    status: 416,
    publicText: 'Range Not Satisfiable',
    meaning: 'The Range header is malformed, or none of its ranges is inside the file.',
  },
  CREDENTIALS_NEEDED: {
    status: 401,
    publicText: 'Unauthorized',
    meaning: 'The policy refused, and a user name and password, or a token, could change that.',
  },
  TOO_MANY_ATTEMPTS: {
    status: 429,
    publicText: 'Too Many Requests',
    meaning:
      'Too many wrong passwords were tried for the user or from the network, or too many wrong tokens from there; Retry-After says when the next is heard.',
  },
  ACCESS_DENIED: {
    status: 403,
    publicText: 'Forbidden',
    meaning: 'The policy refused. The decision log holds the reason under the request id.',
  },
  NOT_CONFIGURED: {
    status: 403,
    publicText: 'Forbidden',
    meaning:
      'A call of the API needs something that the configuration does not name, as the keys that sign links; the message names the setting.',
  },
  POLICY_UNUSABLE: {
    status: 400,
    exitStatus: 78,
    publicText: 'Bad Request',
    meaning: 'A policy that should be previewed cannot be made; the message names each problem.',
  },
  POLICY_IN_USE: {
    status: 409,
    publicText: 'Conflict',
    meaning: 'A policy cannot be deleted while others refer to it; the answer names them.',
  },
  SET_IN_CONFIGURATION: {
    status: 409,
    publicText: 'Conflict',
    meaning: 'The API cannot change what the configuration file says of policies and access.',
  },
  CROSS_SITE: {
    status: 403,
    publicText: 'Forbidden',
    meaning: 'A web page of another site had a browser make a call of the API that is no GET.',
  },
  CANNOT_DECIDE: {
    status: 503,
    publicText: 'Service Unavailable',
    meaning:
      'A rule could not be evaluated, and no other branch of the policy allowed the request; or it could not count what it let in.',
  },
  REQUEST_OVERDUE: {
    status: 504,
    publicText: 'Gateway Timeout',
    meaning:
      'The response to a request had not begun when its time limit passed; the request was ended.',
  },
  CLIENT_GONE: {
    status: 499,
    publicText: 'Client Closed Request',
    meaning:
      'The client closed its connection before its request was decided; what was asked for it was given up.',
  },
  CONTENT_UNAVAILABLE: {
    status: 503,
    publicText: 'Service Unavailable',
    meaning: 'The root of a distribution or a file in it cannot be read at the moment.',
  },
  SESSION_AUTHORITY_UNUSABLE: {
    status: 503,
    exitStatus: 73,
    publicText: 'Service Unavailable',
    meaning:
      'The CA that signs session certificates cannot be made, or cannot sign because it is not valid at the moment.',
  },
  STORE_UNAVAILABLE: {
    status: 503,
    exitStatus: 69,
    publicText: 'Service Unavailable',
    meaning:
      'The store cannot be reached or used at the moment, or is locked for too long; it is tried again with each request.',
  },
  STORE_READ_ONLY: {
    status: 503,
    exitStatus: 69,
    publicText: 'Service Unavailable',
    meaning: 'The store can be read and not be changed: its file or file system is read-only.',
  },
  STORE_FULL: {
    status: 503,
    exitStatus: 69,
    publicText: 'Service Unavailable',
    meaning: 'No space is left for the store; what was acknowledged before is kept.',
  },
  STORE_CORRUPT: {
    status: 503,
    exitStatus: 69,
    publicText: 'Service Unavailable',
    meaning: 'The file of the store is damaged or is no database; a backup has to be restored.',
  },
  STORE_SCHEMA: {
    status: 503,
    exitStatus: 69,
    publicText: 'Service Unavailable',
    meaning:
      'The store is of a newer Portcullis or of another program, or what it holds does not fit this version.',
  },
  STORAGE_UNAVAILABLE: {
    status: 503,
    exitStatus: 69,
    publicText: 'Service Unavailable',
    meaning:
      'The directory of the storage cannot be read or written at the moment, or is not all on one file system with hard links.',
  },
  STORAGE_FULL: {
    status: 507,
    exitStatus: 69,
    publicText: 'Insufficient Storage',
    meaning: 'No space is left for the storage; what was acknowledged before is kept.',
  },
  CONTENT_TOO_LARGE: {
    status: 413,
    publicText: 'Content Too Large',
    meaning: 'A file has more bytes than it may have, or than was said of it.',
  },
  UPLOAD_CONFLICT: {
    status: 409,
    publicText: 'Conflict',
    meaning:
      'A chunk does not begin where its upload ends, differs from what is there, or comes while another is written or the upload is imported; the answer has the size that is there.',
  },
  DOCUMENT_INVALID: {
    status: 400,
    publicText: 'Bad Request',
    meaning:
      'What should be stored is too large, nested too deep, or has a name or value that no store keeps.',
  },
  FILTER_INVALID: {
    status: 400,
    publicText: 'Bad Request',
    meaning:
      'A filter or a query has an operator, a path or a value that is not allowed, or too many.',
  },
  RESULT_TOO_LARGE: {
    status: 400,
    publicText: 'Bad Request',
    meaning: 'A query means more than is given at once; a narrower filter or a limit would help.',
  },
  PROGRAM_MISSING: {
    status: 503,
    exitStatus: 69,
    publicText: 'Service Unavailable',
    meaning:
      'A program that a type of repository needs is not installed; the message names it and the package that brings it.',
  },
  PROGRAM_FAILED: {
    status: 500,
    publicText: 'Internal Server Error',
    meaning:
      'A program that a type of repository needs failed, wrote too much or took too long; the log has its own words.',
  },
  INTERNAL: {
    status: 500,
    publicText: 'Internal Server Error',
    meaning: 'A defect in Portcullis; the log holds the details under the request id.',
  },
} as const satisfies Record<string, ErrorDescriptor>;

export type ErrorCode = keyof typeof errorDescriptors;

/** An expected failure. The message is for the operator; see {@link toPublicError} for the client. */
export class PortcullisError extends Error {
  override readonly name = 'PortcullisError';
  readonly code: ErrorCode;

  /** @param detail for the log: "Cannot <act> <thing>: <state, and what would be right>" */
  constructor(code: ErrorCode, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
  }
}

export interface PublicError {
  readonly code: ErrorCode;
  readonly status: number;
  readonly text: string;
}

/** What a client may know of `error`: anything unexpected is INTERNAL, with no detail. */
export function toPublicError(error: unknown): PublicError {
  const code = error instanceof PortcullisError ? error.code : 'INTERNAL';
  const descriptor: ErrorDescriptor = errorDescriptors[code];
  return { code, status: descriptor.status ?? 500, text: descriptor.publicText };
}

/** The exit status of sysexits.h for an internal error, EX_SOFTWARE. */
export const defectExitStatus = 70;

/** With what a process ends that `error` ends. */
export function exitStatusOf(error: unknown): number {
  if (!(error instanceof PortcullisError)) return defectExitStatus;
  const descriptor: ErrorDescriptor = errorDescriptors[error.code];
  return descriptor.exitStatus ?? defectExitStatus;
}

/** The message of anything that was thrown, for a log line. A plugin may throw what has no text. */
export function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return 'something without a message was thrown';
  }
}

/** The words for an error of the file system that an operator can mend; its message for any other. */
export function systemReason(error: unknown): string {
  return systemReasons.get(systemCodeOf(error) ?? '') ?? messageOf(error);
}

const systemReasons: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file or directory'],
  ['EACCES', 'permission is denied'],
  ['EISDIR', 'it is a directory'],
  ['ENOTDIR', 'a part of the path is not a directory'],
  ['ELOOP', 'it is a symbolic link to itself'],
  ['ENOSPC', 'no space is left on the device'],
  ['EROFS', 'the file system is read-only'],
]);

/** The system's name of an error, as `EACCES`; undefined for what did not come from the system. */
export function systemCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
