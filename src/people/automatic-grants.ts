/** What is granted without anybody asking for it. */

import type { Grant } from './grant.ts';
import { operations } from './operation.ts';
import { type Resource, resourceOf } from './resource.ts';

/** To a new user: to log in and out, and to see and change the own account. */
export function grantsOfNewUser(user: { readonly id: string; readonly login: string }): Grant[] {
  const own = ['READ', 'UPDATE'] as const;
  return [
    resourceOf('actions', 'login'),
    resourceOf('actions', 'logout'),
    resourceOf('users', user.login),
  ].map((resource) => ({ holder: user.id, resource, operations: own }));
}

/** To whoever made something: all operations on it. */
export function grantOfCreator(creator: string, resource: Resource): Grant {
  return { holder: creator, resource, operations };
}

/**
 * All that a consumer may do, and nobody can grant it more: read repositories, and everything with its
 * own record. They are made for each request from the consumer's own certificate, and kept nowhere.
 */
export function grantsOfConsumer(consumer: {
  readonly id: string;
  readonly record: string;
}): Grant[] {
  return [
    { holder: consumer.record, resource: resourceOf('repositories'), operations: ['READ'] },
    { holder: consumer.record, resource: resourceOf('consumers', consumer.id), operations },
  ];
}
