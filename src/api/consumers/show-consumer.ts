/** A consumer as the API shows it, with what happened to it, and what it says of one that is not there. */

import { z } from 'zod';
import type { Consumer, ConsumerEvent, Profile } from '../../consumers/documents.ts';
import { isoDate, objectId, objectIdSchema } from '../criteria.ts';
import { missingResource } from '../failures.ts';
import type { Failure, Json, JsonObject, Linked } from '../outcome.ts';
import { hrefOf } from '../route.ts';
import { bindingSchema } from './show-binding.ts';

export const consumersPath = '/v2/consumers/';
export const consumerPath = '/v2/consumers/{consumer}/';

const anything = z.record(z.string(), z.unknown());

export const consumerSchema = z.strictObject({
  _id: objectIdSchema,
  id: z.string(),
  display_name: z.string(),
  description: z.string().nullable(),
  notes: anything,
  capabilities: anything,
  rsa_pub: z.string().nullable(),
  /** Ours: when the certificates end that count. */
  certificates: z.array(z.strictObject({ serial: z.string(), until: z.string() })),
  bindings: z.array(bindingSchema).optional(),
  _ns: z.literal('consumers'),
  _href: z.string(),
});

export function showConsumer(consumer: Consumer): Linked {
  const { _id: id, record, display_name, description, rsa_pub, certificates } = consumer;
  return {
    _id: objectId(record),
    id,
    display_name,
    description,
    notes: consumer.notes as JsonObject,
    capabilities: consumer.capabilities as JsonObject,
    rsa_pub,
    certificates: certificates.map(({ serial, until }) => ({ serial, until: isoDate(until) })),
    _ns: 'consumers',
    _href: hrefOf(consumerPath, { consumer: id }),
  };
}

export function missingConsumer(id: string): Failure {
  return missingResource({ consumer_id: id });
}

export const eventSchema = z.strictObject({
  _id: objectIdSchema,
  id: z.string(),
  consumer_id: z.string(),
  type: z.string(),
  originator: z.string(),
  timestamp: z.string(),
  details: anything,
});

export function showEvent(event: ConsumerEvent): JsonObject {
  const { _id: id, consumer_id, type, originator, timestamp, details } = event;
  return {
    _id: objectId(id),
    id,
    consumer_id,
    type,
    originator,
    timestamp: isoDate(timestamp),
    details: details as JsonObject,
  };
}

export const profilePath = '/v2/consumers/{consumer}/profiles/{content_type}/';

export const profileSchema = z.strictObject({
  _id: z.string(),
  id: z.string(),
  consumer_id: z.string(),
  content_type: z.string(),
  profile: z.unknown(),
  profile_hash: z.string(),
  _href: z.string(),
});

export function showProfile(profile: Profile): Linked {
  const { _id: id, consumer_id, content_type, profile_hash } = profile;
  return {
    _id: id,
    id,
    consumer_id,
    content_type,
    profile: profile.profile as Json,
    profile_hash,
    _href: hrefOf(profilePath, { consumer: consumer_id, content_type }),
  };
}
