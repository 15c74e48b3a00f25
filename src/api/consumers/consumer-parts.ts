/** What the routes of consumers go by. */

import { Bindings } from '../../consumers/bindings.ts';
import { Consumers } from '../../consumers/consumers.ts';
import type { Consumer } from '../../consumers/documents.ts';
import { ConsumerGroups } from '../../consumers/groups.ts';
import { ConsumerHistory } from '../../consumers/history.ts';
import { Profiles } from '../../consumers/profiles.ts';
import type { Caller, ConsumerCaller } from '../caller.ts';
import type { Failure } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { type Places, unknownPlaces } from '../places.ts';
import type { BindingView, FrontFacts } from './show-binding.ts';
import { missingConsumer } from './show-consumer.ts';

export interface ConsumerParts
  extends Pick<ApiParts, 'store' | 'play' | 'policies' | 'log' | 'now'> {
  readonly consumers: Consumers;
  readonly bindings: Bindings;
  readonly profiles: Profiles;
  readonly groups: ConsumerGroups;
  readonly history: ConsumerHistory;
  readonly front: FrontFacts;
  readonly places: Places;
  /** Signs a certificate of a consumer. */
  readonly issue: (
    holder: Parameters<ApiParts['sessionAuthority']['issue']>[0],
  ) => ReturnType<ApiParts['sessionAuthority']['issue']>;
}

/** A year: it is renewed by the consumer itself. */
export const consumerCertificateSecondsDefault = 365 * 86_400;

export function consumerPartsOf(parts: ApiParts): ConsumerParts {
  const { store, play, policies, log, now, sessionAuthority } = parts;
  const { consumerCertificateSeconds: seconds = consumerCertificateSecondsDefault } = parts;
  return {
    ...{ store, play, policies, log, now },
    consumers: new Consumers(store, now),
    bindings: new Bindings(store, now),
    profiles: new Profiles(store),
    groups: new ConsumerGroups(store),
    history: new ConsumerHistory(store, now),
    places: parts.places ?? unknownPlaces,
    front: parts.front ?? { serverName: 'localhost', authority: undefined },
    issue: (holder) => sessionAuthority.issue(holder, seconds),
  };
}

/** What is done with a consumer that is there. */
export async function withConsumer<Result>(
  id: string,
  { consumers }: Pick<ConsumerParts, 'consumers'>,
  act: (consumer: Consumer) => Promise<Result>,
): Promise<Result | Failure> {
  const consumer = await consumers.byId(id);
  return consumer === undefined ? missingConsumer(id) : act(consumer);
}

export function viewFor(
  caller: Caller | ConsumerCaller,
  { store, front, places }: Pick<ConsumerParts, 'store' | 'front' | 'places'>,
): BindingView {
  return { store, front, places, showsKeys: 'consumer' in caller };
}
