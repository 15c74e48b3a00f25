/** Sends what was found to a client that may have it. */

import { deliverDirectory } from './deliver-directory.ts';
import { deliverFile } from './deliver-file.ts';
import type { Delivery, DeliveryRequest, Undelivered } from './delivery.ts';

/**
 * Delivers a file, the listing of a directory, or the redirect to it. Resolves when the connection
 * has taken the response or is gone.
 *
 * @throws PortcullisError NOT_FOUND or CONTENT_UNAVAILABLE, only while nothing has been sent
 */
export async function deliver(delivery: DeliveryRequest): Promise<Delivery | Undelivered> {
  const { found } = delivery;
  return found.kind === 'file'
    ? deliverFile({ ...delivery, found })
    : deliverDirectory({ ...delivery, found });
}
