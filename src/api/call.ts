/** A call whose types are checked and forgotten, and the names in the path of a route. */

import type { Caller, ConsumerCaller } from './caller.ts';

export interface UncheckedCall {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly payload: unknown;
  readonly caller: Caller | undefined;
}

/** The same, of a consumer. */
export interface UncheckedConsumerCall extends Omit<UncheckedCall, 'caller'> {
  readonly caller: ConsumerCaller;
}

/** The names of the parameters in a path. */
export type ParameterName<Path extends string> =
  Path extends `${string}{${infer Name}}${infer Rest}`
    ? (Name extends `+${infer Plain}` ? Plain : Name) | ParameterName<Rest>
    : never;
