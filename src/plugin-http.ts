/** Asking HTTP servers, within limits: a part of the authorizer API. */

export interface HttpClientOptions {
  /** Of http or https, without a user name and a fragment. */
  readonly url: string;
  readonly limits: HttpLimits;
  /** Files, as `Services.resolvePath` takes them; the system's CAs and no certificate unless given. */
  readonly tls?: HttpTlsFiles | undefined;
  /** A file with a token that is sent as `Authorization: Bearer`; nobody else may read it. */
  readonly bearerFile?: string | undefined;
  /** Without it a server that fails is asked all the same. */
  readonly breaker?: HttpBreaker | undefined;
}

export interface HttpLimits {
  /** For a question with its whole answer. */
  readonly secondsMax: number;
  /** Of the body of an answer. */
  readonly answerBytesMax: number;
  /** Connections at once. */
  readonly connectionsMax: number;
  /** Questions that run or wait for a connection; one more is a problem at once. */
  readonly pendingMax: number;
}

export interface HttpTlsFiles {
  /** CA certificates, PEM, in place of the system's. */
  readonly ca?: string | undefined;
  /** A client certificate with its chain, PEM; `key` has to be there as well. */
  readonly certificate?: string | undefined;
  /** Its private key, PEM: nobody else may read it. */
  readonly key?: string | undefined;
}

/** When a server is given a rest. One question is then let through, and shows whether it is well again. */
export interface HttpBreaker {
  /** Failures in a row after which it rests. */
  readonly failures: number;
  /** For how long. */
  readonly restSeconds: number;
}

/** Asks one server. */
export interface HttpClient extends Disposable {
  /**
   * Never rejects: whatever goes wrong is a problem. Redirects are not followed, no proxy is used, and
   * nothing compressed is taken.
   *
   * @param read what the answer says, or a problem, which counts as a failure of the server
   * @param signal gives the question up, which does not
   */
  ask<Value>(
    question: HttpQuestion,
    read: (answer: HttpAnswer) => Asked<Value>,
    signal?: AbortSignal,
  ): Promise<Asked<Value>>;
}

export interface HttpQuestion {
  readonly method: 'GET' | 'POST';
  /** Besides those that every question has, in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Statuses that are answers, besides 200. */
  readonly statuses?: readonly number[];
}

export interface HttpAnswer {
  readonly status: number;
  /** By their names in lower case; what came several times is joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** As `application/json`, in lower case and without parameters; undefined when the server does not say. */
  readonly mediaType: string | undefined;
  /** Empty unless the status is 200. */
  readonly body: Uint8Array<ArrayBuffer>;
}

export type Asked<Value> = { readonly value: Value } | HttpProblem;

/** `problem` is a clause for the operator, as "it did not answer within 3 s". */
export interface HttpProblem {
  readonly problem: string;
}

/** Whether `text` is a whole URL of http or https, without a user name and a fragment. */
export function isHttpUrl(text: string): boolean {
  if (!/^[!-~]+$/.test(text) || /[#\\]/.test(text)) return false;
  const [, authority] = /^https?:\/\/([^/?]+)/i.exec(text) ?? [];
  if (authority === undefined || authority.includes('@')) return false;
  return URL.canParse(text);
}
