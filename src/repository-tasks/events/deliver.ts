/** Sends one event to one listener, within limits. */

import type { AddressGuard } from '../../outbound/addresses.ts';
import { createHttpClient } from '../../outbound/http-client.ts';
import type { EventListener } from '../../repositories/events.ts';

/** A listener that takes longer does not get it, in seconds. */
export const deliverySecondsMax = 10;

const limits = {
  secondsMax: deliverySecondsMax,
  answerBytesMax: 64 * 1024,
  connectionsMax: 1,
  pendingMax: 1,
};

/** @returns why it did not get it, as a clause; undefined when it did */
export async function deliver(
  { notifier_config }: Pick<EventListener, 'notifier_config'>,
  body: string,
  isAddressAllowed: AddressGuard,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { url, username, password } = notifier_config;
  if (typeof url !== 'string') return 'it has no URL';
  const headers = {
    'content-type': 'application/json',
    ...(typeof username === 'string' && { authorization: basic(username, password) }),
  };
  using client = createHttpClient({ url, limits, headers, isAddressAllowed });
  const question = { method: 'POST', body, statuses: [201, 202, 204] } as const;
  const asked = await client.ask(question, () => ({ value: true }), signal);
  return 'problem' in asked ? asked.problem : undefined;
}

function basic(username: string, password: unknown): string {
  const secret = typeof password === 'string' ? password : '';
  return `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`;
}
