/** How the API shows a listener to events. */

import { z } from 'zod';
import type { EventListener } from '../../repositories/events.ts';
import { objectId, objectIdSchema } from '../criteria.ts';
import type { Linked } from '../outcome.ts';
import { hrefOf } from '../route.ts';
import { hideSecrets } from './secrets.ts';

export const listenerPath = '/v2/events/{listener}/';

/** Names in the configuration of a notifier that are never shown. */
export const notifierSecrets = ['password'] as const;

export const listenerSchema = z.strictObject({
  _id: objectIdSchema,
  id: z.string(),
  notifier_type_id: z.string(),
  notifier_config: z.record(z.string(), z.unknown()),
  event_types: z.array(z.string()),
  _href: z.string(),
});

export function showListener(listener: EventListener): Linked {
  const { _id, notifier_type_id, notifier_config, event_types } = listener;
  return {
    _id: objectId(_id),
    id: _id,
    notifier_type_id,
    notifier_config: hideSecrets(notifier_config, notifierSecrets),
    event_types,
    _href: hrefOf(listenerPath, { listener: _id }),
  };
}
