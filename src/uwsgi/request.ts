/** The request of node:http, filled from a uwsgi packet. */

import { type IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestHead } from './head.ts';
import { findMount, type Mount } from './mount.ts';
import type { VariableMap } from './variables.ts';

/**
 * The variables that came with a request, or undefined for a request that did not arrive over
 * uwsgi. No header, property or prototype can make another request pass for one that did.
 */
export function uwsgiOf(request: IncomingMessage): UwsgiVariables | undefined {
  return UwsgiRequest.variablesOf(request);
}

/** What the front said beside the HTTP request itself. */
export class UwsgiVariables implements Mount {
  readonly #variables: VariableMap;
  readonly modifier1: number;
  #mount: Mount | undefined;

  constructor(variables: VariableMap, modifier1: number) {
    this.#variables = variables;
    this.modifier1 = modifier1;
  }

  /**
   * A variable's value as bytes, one character each; undefined when it is absent or empty, which
   * mean the same: nginx sends `uwsgi_param` without `if_not_empty` even where there is nothing to say.
   */
  get(name: string): string | undefined {
    return this.#variables.get(name) || undefined;
  }

  /** The prefix at which the front has mounted the application, as `/pulp/api`; empty for the root. */
  get scriptName(): string {
    return this.#findMount().scriptName;
  }

  /** The decoded path below {@link scriptName}. For links and routing, never for decisions on access. */
  get pathInfo(): string {
    return this.#findMount().pathInfo;
  }

  #findMount(): Mount {
    this.#mount ??= findMount(this.#variables);
    return this.#mount;
  }
}

/** Gets its body from the connection by `push`, as node:http's own requests do. */
export class UwsgiRequest extends IncomingMessage {
  readonly #variables: UwsgiVariables;
  /** Whether somebody asked for body bytes that have not come yet: only then is silence the front's. */
  #wanted = false;

  static {
    // Node's own getter reads what its parser leaves behind. TypeScript does not let an accessor
    // override what the types declare as a property.
    Object.defineProperty(UwsgiRequest.prototype, 'headersDistinct', {
      get(this: UwsgiRequest): Record<string, string[]> {
        return distinct(this.headers);
      },
    });
  }

  static variablesOf(request: IncomingMessage): UwsgiVariables | undefined {
    return #variables in request ? request.#variables : undefined;
  }

  constructor(socket: Socket, head: RequestHead, variables: UwsgiVariables) {
    super(socket);
    this.#variables = variables;
    this.method = head.method;
    this.url = head.url;
    this.httpVersionMajor = head.httpVersionMajor;
    this.httpVersionMinor = head.httpVersionMinor;
    this.httpVersion = `${head.httpVersionMajor}.${head.httpVersionMinor}`;
    this.rawHeaders = head.rawHeaders;
    this.headers = head.headers;
  }

  get isWaitingForBody(): boolean {
    return this.#wanted && !this.complete;
  }

  /** @returns false when the listener is behind and the front has to wait */
  pushBody(pieces: readonly Buffer[]): boolean {
    let isKeepingUp = true;
    for (const piece of pieces) {
      this.#wanted = false;
      isKeepingUp = this.push(piece);
    }
    return isKeepingUp;
  }

  endBody(): void {
    this.complete = true;
    this.push(null);
  }

  /** Brings a whole request to its 'end' and 'close', if somebody waits for them, without a reader. */
  conclude(): void {
    if (this.listenerCount('end') > 0 || this.listenerCount('close') > 0) this.resume();
  }

  /** IncomingMessage's own `_read` resumes the socket. */
  override _read(size: number): void {
    this.#wanted = true;
    super._read(size);
  }
}

function distinct(headers: IncomingHttpHeaders): Record<string, string[]> {
  const lists: Record<string, string[]> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) lists[name] = [value ?? []].flat();
  return lists;
}
