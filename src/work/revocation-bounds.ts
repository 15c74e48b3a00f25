/** How soon what was granted is over, as the documentation publishes it and its tests hold it. */

import type { RevocationBound } from '../access/explanation.ts';
import type { Configuration } from '../config/configuration.ts';
import { hasStore } from '../config/store-use.ts';
import { changeReachesWithinMilliseconds } from '../stores/watch.ts';

/** Those of all rules; a rule that goes by revocation lists has its own beside its findings. */
export function revocationBounds(
  configuration: Pick<Configuration, 'access' | 'store' | 'pools' | 'nginx'>,
): readonly RevocationBound[] {
  const { rememberSeconds, storeOutageSeconds } = configuration.access;
  const { edgeDecisionSeconds } = configuration.nginx;
  const reach = changeReachesWithinMilliseconds / 1000;
  const ofStore: readonly RevocationBound[] = [
    { change: 'a change in the store, as of the deny-list or a user', seconds: reach },
    {
      change: 'the same while the store does not answer, after which rules fail',
      seconds: reach + storeOutageSeconds,
    },
  ];
  return [
    ...(hasStore(configuration) ? ofStore : []),
    {
      change: 'a change outside of Portcullis that no rule is told of',
      seconds: rememberSeconds,
    },
    {
      change: 'a change of the configuration or of a file of passwords or CAs',
      seconds: undefined,
    },
    ...(edgeDecisionSeconds === 0
      ? []
      : [
          {
            change: 'each of these, where nginx goes by an allow that it remembers',
            seconds: edgeDecisionSeconds,
          },
        ]),
  ];
}
