/** The connection to the servers: the driver keeps it, finds the primary and comes back by itself. */

import { type Db, MongoClient, type MongoClientOptions, ReadConcern } from 'mongodb';
import { messageOf, PortcullisError } from '../../errors.ts';

/** Time limits in milliseconds. */
export const mongodbLimits = {
  /** Until a server that takes changes is found; then a call ends with STORE_UNAVAILABLE. */
  serverSelectionMillisecondsMax: 3000,
  connectMillisecondsMax: 3000,
  /** Of one command and its answer. */
  commandMillisecondsMax: 20_000,
  /** Until a majority of the servers has written a change to its journal. */
  majorityMillisecondsMax: 10_000,
  /** How often each server is asked for its state while nothing is amiss. */
  heartbeatMilliseconds: 2000,
  connectionsMax: 20,
} as const;

/** Where the URL names no database, the driver says `test`. */
const driversDatabase = 'test';
const ownDatabase = 'portcullis';

const options: MongoClientOptions = {
  appName: 'portcullis',
  serverSelectionTimeoutMS: mongodbLimits.serverSelectionMillisecondsMax,
  connectTimeoutMS: mongodbLimits.connectMillisecondsMax,
  waitQueueTimeoutMS: mongodbLimits.serverSelectionMillisecondsMax,
  socketTimeoutMS: mongodbLimits.commandMillisecondsMax,
  heartbeatFrequencyMS: mongodbLimits.heartbeatMilliseconds,
  maxPoolSize: mongodbLimits.connectionsMax,
  retryReads: true,
  // The driver does so only where the servers can: on a replica set, and not on FerretDB 1.
  retryWrites: true,
  // No counter of ours is that large, and a document is of JavaScript's numbers.
  promoteLongs: true,
};

/**
 * @param url with its credentials, hosts and options, as `mongodb+srv://user:password@host/database`
 * @throws PortcullisError CONFIG_INVALID when it is not such a URL
 */
export function createClient(url: string): MongoClient {
  try {
    return new MongoClient(url, options);
  } catch (error) {
    const reason = messageOf(error).replaceAll(/\/\/[^/@\s]*@/g, '//');
    throw new PortcullisError(
      'CONFIG_INVALID',
      `Cannot use the URL of the MongoDB store: ${reason}`,
    );
  }
}

/** The promises of the store stand above what the URL asks for. */
export function databaseOf(client: MongoClient): Db {
  const { dbName } = client.options;
  return client.db(dbName === driversDatabase ? ownDatabase : dbName, {
    readPreference: 'primary',
    readConcern: new ReadConcern('majority'),
    writeConcern: {
      w: 'majority',
      journal: true,
      wtimeoutMS: mongodbLimits.majorityMillisecondsMax,
    },
  });
}
