/** Binding a consumer to a distributor that is there, and the report of what is done at once. */

import { z } from 'zod';
import type { NewBinding } from '../../consumers/bindings.ts';
import type { Binding, Consumer } from '../../consumers/documents.ts';
import type { Json, JsonObject } from '../outcome.ts';
import { storableObject } from '../storable-object.ts';
import type { ConsumerParts } from './consumer-parts.ts';
import { findBound } from './show-binding.ts';

/**
 * @returns `unknown` where there is no such repository or distributor, or it serves nothing: whoever
 *   deletes one begins with that, and ends the bindings that are there next
 */
export async function bindConsumer(
  consumer: Consumer,
  binding: NewBinding,
  originator: string,
  parts: Pick<ConsumerParts, 'repositories' | 'distributions' | 'bindings' | 'history'>,
): Promise<Binding | 'full' | 'missing' | 'unknown'> {
  const { bindings, history } = parts;
  const { repo_id, distributor_id } = binding;
  const isServed = async (): Promise<boolean> =>
    (await findBound(parts, repo_id, distributor_id))?.distribution !== undefined;
  if (!(await isServed())) return 'unknown';
  const bound = await bindings.bind(consumer, binding);
  if (typeof bound === 'string') return bound;
  // Whoever removes the distributor may not have seen it.
  if (!(await isServed())) {
    await bindings.unbind(consumer, binding);
    return 'unknown';
  }
  await history.record(consumer, 'repo_bound', originator, { repo_id, distributor_id });
  return bound;
}

const name = z.string().min(1).max(255);

/** `options` and `notify_agent` are for agents, which there are none of. */
export const newBindingBody = z.strictObject({
  repo_id: name,
  distributor_id: name,
  binding_config: storableObject.nullish(),
  options: storableObject.nullish(),
  notify_agent: z.boolean().nullish(),
});

export const unbindBody = z.strictObject({
  force: z.boolean().nullish(),
  options: storableObject.nullish(),
});

/** @param isGranted false where the consumer binds itself */
export function bindingOf(body: z.output<typeof newBindingBody>, isGranted: boolean): NewBinding {
  const { repo_id, distributor_id } = body;
  const { binding_config, notify_agent } = body;
  return {
    repo_id,
    distributor_id,
    binding_config: binding_config ?? {},
    notify_agent: notify_agent ?? true,
    is_granted: isGranted,
  };
}

/** A call report of what spawned no task: there are no agents to be told. */
export function reportOf(result: Json): JsonObject {
  return { result, error: null, spawned_tasks: [] };
}
