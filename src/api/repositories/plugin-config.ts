/** The configurations that clients send for importers and distributors, read by their types. */

import type { Distributor, Importer, JsonObject } from '../../repositories/documents.ts';
import { mergeObject } from '../../repositories/merge.ts';
import {
  distributorType,
  importerType,
  repositoryTypes,
} from '../../repository-types/all-types.ts';
import { mergeFeedConfig } from '../../repository-types/feed-url.ts';
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

/** What a client changed of a configuration that it was shown: a secret that comes back hidden stays. */
export interface ReadChange {
  /** What is to be taken over. */
  readonly change: JsonObject;
  /** What comes of it. */
  readonly config: JsonObject;
}

export function readImporterChange(present: Importer, sent: JsonObject): ReadChange | Failure {
  const { importer_type_id: typeId, config } = present;
  const change = withoutHidden(sent, importerType(typeId)?.secrets ?? []);
  const read = readImporter(typeId, mergeFeedConfig(config, change));
  return read instanceof Failure ? read : { change, config: read.config };
}

export function readDistributorChange(
  present: Distributor,
  sent: JsonObject,
): ReadChange | Failure {
  const { distributor_type_id: typeId, config } = present;
  const change = withoutHidden(sent, distributorType(typeId)?.secrets ?? []);
  const read = readDistributor(typeId, mergeObject(config, change));
  return read instanceof Failure ? read : { change, config: read.config };
}

function configOf(read: ReadConfig): JsonObject | Failure {
  return 'config' in read ? read.config : configRefused(read.problems);
}

function unknownType(property: string, types: readonly { readonly id: string }[]): Failure {
  const known = types.map(({ id }) => quoted(id)).join(', ');
  return invalidValue(property, `there is no such type; there are ${known}`);
}
