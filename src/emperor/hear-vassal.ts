/** What a vassal says, read without belief: it may belong to somebody who means harm. */

import { type FromVassal, reasonCharactersMax } from './messages.ts';

/** Addresses that are kept of a vassal, and the characters of each. */
export const addressesMax = 64;
const addressCharactersMax = 256;

/** Messages of a vassal within a second; each costs the emperor time. */
export const messagesPerSecondMax = 50;

/** The message of a line, or undefined for what is none. */
export function parseFromVassal(line: string): FromVassal | undefined {
  const value = parseObject(line);
  switch (value?.type) {
    case 'ready':
      return readReady(value);
    case 'failed':
      return { type: 'failed', reason: readReason(value.reason) ?? 'it does not say why' };
    case 'reloaded': {
      const { id } = value;
      const reason = readReason(value.reason);
      if (!Number.isSafeInteger(id)) return undefined;
      return { type: 'reloaded', id: Number(id), ...(reason === undefined ? {} : { reason }) };
    }
    default:
      return undefined;
  }
}

/** Whether another message is not one too many. */
export function createMessageBudget(): (nowMs: number) => boolean {
  let secondBegan = Number.NEGATIVE_INFINITY;
  let count = 0;
  return (nowMs) => {
    if (nowMs - secondBegan >= 1000) {
      secondBegan = nowMs;
      count = 0;
    }
    count += 1;
    return count <= messagesPerSecondMax;
  };
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function readReady({ addresses, stopSeconds }: Readonly<Record<string, unknown>>) {
  if (!Array.isArray(addresses) || typeof stopSeconds !== 'number' || !(stopSeconds >= 0)) {
    return undefined;
  }
  const texts = addresses.filter((address) => typeof address === 'string').slice(0, addressesMax);
  return {
    type: 'ready',
    addresses: texts.map((address) => address.slice(0, addressCharactersMax)),
    stopSeconds,
  } as const;
}

function readReason(reason: unknown): string | undefined {
  return typeof reason === 'string' ? reason.slice(0, reasonCharactersMax) : undefined;
}
