/** Why a connection is not served. The reasons are stable names for logs and counters. */

export interface RefusalDescriptor {
  /** HTTP status of the answer; undefined where the connection ends without one. */
  readonly status: RefusalStatus | undefined;
  /** The answer's body: nothing that the sender does not know. */
  readonly publicText: string;
}

export const refusals = {
  'http-on-uwsgi-port': { status: 400, publicText: 'This is a uwsgi port, not an HTTP port' },
  'tls-on-uwsgi-port': { status: 400, publicText: 'This is a uwsgi port, not a TLS port' },
  'modifier-not-served': { status: 400, publicText: 'Bad Request' },
  'packet-malformed': { status: 400, publicText: 'Bad Request' },
  'packet-truncated': { status: 400, publicText: 'Bad Request' },
  'packet-too-large': { status: 431, publicText: 'Request Header Fields Too Large' },
  'too-many-variables': { status: 431, publicText: 'Request Header Fields Too Large' },
  'packet-timeout': { status: 408, publicText: 'Request Timeout' },
  'variable-repeated': { status: 400, publicText: 'Bad Request' },
  'request-malformed': { status: 400, publicText: 'Bad Request' },
  'uri-too-long': { status: 414, publicText: 'URI Too Long' },
  'body-malformed': { status: 400, publicText: 'Bad Request' },
  'body-truncated': { status: 400, publicText: 'Bad Request' },
  'body-too-large': { status: 413, publicText: 'Content Too Large' },
  'body-timeout': { status: 408, publicText: 'Request Timeout' },
  'peer-not-allowed': { status: undefined, publicText: '' },
  'reader-stalled': { status: undefined, publicText: '' },
} as const satisfies Record<string, RefusalDescriptor>;

export type RefusalReason = keyof typeof refusals;

const statusTexts = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Content Too Large',
  414: 'URI Too Long',
  431: 'Request Header Fields Too Large',
} as const;

export type RefusalStatus = keyof typeof statusTexts;

/** The message is for the operator: "Cannot <act> <thing>: <state, and what would be right>". */
export class UwsgiRefusal extends Error {
  override readonly name = 'UwsgiRefusal';
  readonly reason: RefusalReason;
  readonly status: RefusalStatus | undefined;
  /** The name of the variable that takes the most room, where size is the reason. */
  readonly largestVariable: string | undefined;

  constructor(reason: RefusalReason, detail: string, largestVariable?: string) {
    super(detail);
    this.reason = reason;
    this.status = refusals[reason].status;
    this.largestVariable = largestVariable;
  }
}

/** What the client reads in place of a line of text; undefined where that is right. */
export type DescribeError = (
  error: { readonly status: number; readonly text: string },
  request: { readonly method: string; readonly target: string } | undefined,
) => { readonly mediaType: string; readonly body: string } | undefined;

/**
 * The whole HTTP answer to a refusal; undefined for those that get none. It has a Content-Length,
 * because without one a front takes any end of the connection for success.
 *
 * @param request as far as it was read
 */
export function encodeRefusal(
  { reason, status }: UwsgiRefusal,
  describe: DescribeError,
  request: Parameters<DescribeError>[1],
): Buffer | undefined {
  if (status === undefined) return undefined;
  const { publicText: text } = refusals[reason];
  const asText = { mediaType: 'text/plain', body: `${text}\n` };
  const { mediaType, body } = describe({ status, text }, request) ?? asText;
  return Buffer.from(
    `HTTP/1.1 ${status} ${statusTexts[status]}\r\nContent-Type: ${mediaType}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
