/** All routes of consumers, in the order in which paths are looked at. */

import type { ApiParts } from '../parts.ts';
import type { Route } from '../route.ts';
import { createBindingRoutes } from '../routes/consumer-bindings.ts';
import { createConsumerGroupRoutes } from '../routes/consumer-groups.ts';
import { createProfileRoutes } from '../routes/consumer-profiles.ts';
import { createConsumerRoutes } from '../routes/consumers.ts';
import { createOneConsumerRoutes } from '../routes/one-consumer.ts';
import { consumerPartsOf } from './consumer-parts.ts';

export function createAllConsumerRoutes(parts: ApiParts): Route[] {
  const consumerParts = consumerPartsOf(parts);
  return [
    ...createConsumerRoutes(consumerParts),
    ...createBindingRoutes(consumerParts),
    ...createProfileRoutes(consumerParts),
    ...createOneConsumerRoutes(consumerParts),
    ...createConsumerGroupRoutes(consumerParts),
  ];
}
