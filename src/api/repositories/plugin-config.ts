/** The configurations that clients send for importers and distributors, read by their types. */

import type { JsonObject } from '../../repositories/documents.ts';
import { mergeObject } from '../../repositories/merge.ts';
import {
  distributorType,
  importerType,
  repositoryTypes,
} from '../../repository-types/all-types.ts';
import type {
  DistributorType,
  ImporterType,
  ReadConfig,
} from '../../repository-types/repository-type.ts';
import { configRefused, invalidValue } from '../failures.ts';
import { Failure } from '../outcome.ts';
import { quoted } from '../value-problem.ts';
import { withoutHidden } from './secrets.ts';

export interface ReadImporter {
  readonly type: ImporterType;
  readonly config: JsonObject;
}

export interface ReadDistributor {
  readonly type: DistributorType;
  readonly config: JsonObject;
}

export function readImporter(typeId: string, raw: JsonObject): ReadImporter | Failure {
  const type = importerType(typeId);
  if (type === undefined) {
    return unknownType(
      'importer_type_id',
      repositoryTypes.flatMap(({ importers }) => importers),
    );
  }
  const config = configOf(type.readConfig(raw));
  return config instanceof Failure ? config : { type, config };
}

export function readDistributor(typeId: string, raw: JsonObject): ReadDistributor | Failure {
  const type = distributorType(typeId);
  if (type === undefined) {
    return unknownType(
      'distributor_type_id',
      repositoryTypes.flatMap(({ distributors }) => distributors),
    );
  }
  const config = configOf(type.readConfig(raw));
  return config instanceof Failure ? config : { type, config };
}

/** A configuration with what a client changed of what it was shown: a secret that comes back hidden stays. */
export function mergedConfig(
  present: JsonObject,
  change: JsonObject,
  secrets: readonly string[],
): JsonObject {
  return mergeObject(present, withoutHidden(change, secrets));
}

function configOf(read: ReadConfig): JsonObject | Failure {
  return 'config' in read ? read.config : configRefused(read.problems);
}

function unknownType(property: string, types: readonly { readonly id: string }[]): Failure {
  const known = types.map(({ id }) => quoted(id)).join(', ');
  return invalidValue(property, `there is no such type; there are ${known}`);
}
