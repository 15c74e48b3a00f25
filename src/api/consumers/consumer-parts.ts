/** What the routes of consumers go by. */

import { Bindings } from '../../consumers/bindings.ts';
import { Consumers } from '../../consumers/consumers.ts';
import type { Consumer } from '../../consumers/documents.ts';
import { ConsumerGroups } from '../../consumers/groups.ts';
import { ConsumerHistory } from '../../consumers/history.ts';
import { Profiles } from '../../consumers/profiles.ts';
import { Distributions } from '../../repositories/distributions.ts';
import { Repositories } from '../../repositories/repositories.ts';
import type { Caller, ConsumerCaller } from '../caller.ts';
import type { Failure } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { type Places, unknownPlaces } from '../places.ts';
import { type BindingView, type BoundTo, type FrontFacts, findBound } from './show-binding.ts';
import { missingConsumer } from './show-consumer.ts';

export interface ConsumerParts extends Pick<ApiParts, 'play' | 'policies' | 'log'> {
  readonly consumers: Consumers;
  readonly bindings: Bindings;
  readonly profiles: Profiles;
  readonly groups: ConsumerGroups;
  readonly history: ConsumerHistory;
  readonly repositories: Repositories;
  readonly distributions: Distributions;
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
    ...{ play, policies, log },
    consumers: new Consumers(store, now),
    bindings: new Bindings(store, now),
    profiles: new Profiles(store),
    groups: new ConsumerGroups(store),
    history: new ConsumerHistory(store, now),
    repositories: new Repositories(store, now),
    distributions: new Distributions(store, now),
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

/** What one call shows of bindings: what many are bound to is read once. */
export function viewOf(parts: ConsumerParts, showsKeys = false): BindingView {
  const { front, places } = parts;
  const known = new Map<string, BoundTo | undefined>();
  return {
    ...{ front, places, showsKeys },
    boundTo: async ({ repo_id, distributor_id }) => {
      const key = JSON.stringify([repo_id, distributor_id]);
      if (!known.has(key)) known.set(key, await findBound(parts, repo_id, distributor_id));
      return known.get(key);
    },
  };
}

export function viewFor(caller: Caller | ConsumerCaller, parts: ConsumerParts): BindingView {
  return viewOf(parts, 'consumer' in caller);
}
