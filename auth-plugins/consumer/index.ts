/**
 * `consumer: { repository }`: the certificate that a consumer got when it was registered, while it is
 * bound to the repository.
 */

import {
  type AccessRequest,
  type AuthorizerPlugin,
  type Decision,
  parseOptionsWith,
  provedCertificate,
  type StoredConsumers,
} from 'portcullis/plugin';
import { z } from 'zod';

export interface ConsumerOptions {
  /** The id of the repository that it has to be bound to; undefined: of the one that is asked for. */
  readonly repository: string | undefined;
}

/** Seconds an accepted consumer is remembered for at most, unless something of it changes before. */
const rememberSecondsMax = 60;

/** The longest id of a repository. */
const idCharactersMax = 255;

const schema = z
  .strictObject(
    {
      repository: z
        .string('has to be the id of a repository')
        .max(idCharactersMax, `is longer than ${idCharactersMax} characters`)
        .regex(
          /^[.\-_A-Za-z0-9]+$/,
          'has to be the id of a repository: letters, digits, ".", "-" and "_"',
        )
        .optional(),
    },
    {
      error: ({ code, keys }) =>
        code === 'unrecognized_keys'
          ? `has no setting ${JSON.stringify(keys?.[0])}; there is repository`
          : 'has to be a map, and may be empty',
    },
  )
  .nullish();

export const plugin: AuthorizerPlugin<ConsumerOptions> = {
  apiVersion: 1,
  name: 'consumer',
  summary: 'lets in registered consumers that are bound to the repository',
  parseOptions,
  parseStoredOptions: parseOptions,

  async create({ repository }, services) {
    const consumers = await services.openStoredConsumers();
    return {
      authorize: (request) =>
        authorize(request, repository ?? request.repository, consumers, services.now),
    };
  },
};

function parseOptions(raw: unknown): ConsumerOptions {
  return { repository: parseOptionsWith(schema, raw)?.repository };
}

async function authorize(
  { evidence }: AccessRequest,
  repository: string | undefined,
  consumers: StoredConsumers,
  now: () => Date,
): Promise<Decision> {
  if (repository === undefined) {
    return refuse('the distribution is of no repository, and the rule names none');
  }
  const presented = provedCertificate(evidence);
  if ('unusable' in presented) return refuse(presented.unusable);
  const verdict = await consumers.verify(presented, repository);
  if (verdict.outcome === 'refused') {
    return refuse(`the certificate lets no consumer in here: ${verdict.reason}`);
  }
  const { id, displayName, until } = verdict;
  const principal = {
    kind: 'plugin',
    name: `consumer:${id}`,
    ...(displayName !== undefined && { label: displayName }),
  } as const;
  const seconds = Math.min((until.getTime() - now().getTime()) / 1000, rememberSecondsMax);
  if (seconds <= 0) return { outcome: 'allow', principal };
  return { outcome: 'allow', principal, remember: { seconds, scope: 'distribution' } };
}

function refuse(reason: string): Decision {
  return { outcome: 'deny', reason };
}
