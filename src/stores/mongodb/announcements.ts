/**
 * How everybody learns of a change without a transaction over two documents.
 *
 * A change is announced first, then made, then settled: its collection gets another token, and the
 * announcement goes. Whoever asks reads the announcements first and the tokens afterwards, and takes
 * a collection for changed when it is announced or its token is another. So there is no moment at
 * which a change is made and neither of both tells of it, whenever its process is killed. What a
 * killed process announced is settled by the others, once no command of it can be under way any more.
 */

import type { Collection, Db } from 'mongodb';
import type { ChangedCollections, Revision } from '../store.ts';
import { mongodbLimits } from './client.ts';
import { isSettled } from './failure.ts';
import { ownCollections } from './names.ts';
import { newToken } from './token.ts';

interface Announcement {
  readonly _id: string;
  readonly collection: string;
}

interface Token {
  readonly _id: string;
  readonly token: string;
}

/** After this time, in milliseconds since it was first seen, an announcement has been left behind. */
const abandonedAfter = 3 * mongodbLimits.commandMillisecondsMax;

export class Announcements {
  readonly #changes: Collection<Announcement>;
  readonly #tokens: Collection<Token>;
  readonly #abandonedMilliseconds: number;
  readonly #settling = new Set<Promise<void>>();
  readonly #firstSeen = new Map<string, number>();

  constructor(database: Db, abandonedMilliseconds = abandonedAfter) {
    this.#abandonedMilliseconds = abandonedMilliseconds;
    this.#changes = database.collection<Announcement>(ownCollections.changes);
    this.#tokens = database.collection<Token>(ownCollections.revisions);
  }

  /** Makes a change, so that it is known to everybody as soon as it is acknowledged. */
  async announce<Result>(collection: string, change: () => Promise<Result>): Promise<Result> {
    const announcement: Announcement = { _id: newToken(), collection };
    await this.#changes.insertOne(announcement);
    let result: Result;
    try {
      result = await change();
    } catch (error) {
      // Without the server's word the change may still come: the announcement stays for others to settle.
      if (isSettled(error)) this.#settleSoon(announcement);
      throw error;
    }
    this.#settleSoon(announcement);
    return result;
  }

  async revision(): Promise<Revision> {
    return JSON.stringify(await this.#readTokens()) as Revision;
  }

  async changedSince(revision: Revision): Promise<ChangedCollections> {
    const announced = await this.#changes.find().toArray();
    const tokens = await this.#readTokens();
    const known = readTokens(revision);
    const changed = Object.keys(tokens).filter((name) => tokens[name] !== known[name]);
    this.#settleAbandoned(announced);
    return {
      revision: JSON.stringify(tokens) as Revision,
      collections: new Set([...changed, ...announced.map(({ collection }) => collection)]),
    };
  }

  /** Resolves when nothing of this process is left to settle. */
  async settled(): Promise<void> {
    await Promise.all(this.#settling);
  }

  async #readTokens(): Promise<Readonly<Record<string, string>>> {
    const tokens = await this.#tokens.find().toArray();
    return Object.fromEntries(tokens.map(({ _id, token }) => [_id, token]));
  }

  #settleAbandoned(announced: readonly Announcement[]): void {
    const now = performance.now();
    const present = new Set(announced.map(({ _id }) => _id));
    for (const id of this.#firstSeen.keys()) if (!present.has(id)) this.#firstSeen.delete(id);
    for (const announcement of announced) {
      const since = this.#firstSeen.get(announcement._id) ?? now;
      this.#firstSeen.set(announcement._id, since);
      if (now - since > this.#abandonedMilliseconds) this.#settleSoon(announcement);
    }
  }

  #settleSoon(announcement: Announcement): void {
    const settling = this.#settle(announcement)
      // What cannot be settled now stays announced, and is settled by whoever sees it for long enough.
      .catch(() => {})
      .finally(() => this.#settling.delete(settling));
    this.#settling.add(settling);
  }

  async #settle({ _id, collection }: Announcement): Promise<void> {
    await this.#tokens.updateOne({ _id: collection }, { $set: { token: newToken() } });
    await this.#changes.deleteOne({ _id });
  }
}

function readTokens(revision: Revision): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(revision);
  } catch {
    // Of another store: everything counts as changed.
    return {};
  }
}
