/** The sockets of an instance, bound by this process or passed to it. */

import { messageOf } from '../../errors.ts';
import { describeAddress } from '../../listen-address.ts';
import type { InstancePlan, Owner } from '../plan.ts';
import type { HeldSocket, SocketSet } from '../socket-set.ts';
import { bindSocket } from './bind.ts';
import type { PassedSocket } from './passed-sockets.ts';
import { assignPassed, type PlannedSocket, plannedSockets, socketKey } from './planned-sockets.ts';
import type { SocketAccess } from './socket-file.ts';
import type { DirectoryAccess } from './socket-place.ts';

export interface BoundSocketsOptions {
  /** What missing directories are made with. */
  readonly directory: DirectoryAccess;
  /** They are never unlinked, nor their modes changed: they belong to who passed them. */
  readonly passed: readonly PassedSocket[];
  /** Told what the operator should know, as sentences. */
  readonly warn: (sentence: string) => void;
}

/** A socket with what it takes to keep it, to change it and to give it up. */
interface Entry extends HeldSocket {
  /** With the owner that it has, where the plan leaves it to who makes it. */
  readonly access: SocketAccess;
  /** As whom it was made; privileges may have been dropped since. */
  readonly maker: Owner;
  setAccess(access: SocketAccess): void;
  release(): void;
}

/** By the text of their address: a socket whose address stays is kept, whichever listener has it. */
type Entries = ReadonlyMap<string, Entry>;

interface Assignment {
  readonly entries: Entries;
  /** The keys of `entries` by the keys of the planned sockets. */
  readonly keys: ReadonlyMap<string, string>;
}

const nothing: Assignment = { entries: new Map(), keys: new Map() };

/**
 * See {@link SocketSet}. The first `open` is committed at once, and another one commits the one before
 * that nobody has committed or rolled back.
 */
export class BoundSockets implements SocketSet {
  readonly #options: BoundSocketsOptions;
  #current = nothing;
  #next: Assignment | undefined;
  #isClosed = false;

  constructor(options: BoundSocketsOptions) {
    this.#options = options;
  }

  async open(plan: InstancePlan): Promise<void> {
    this.commit();
    const sockets = plannedSockets(plan);
    const passed = assignPassed(this.#options.passed, sockets);
    const entries = new Map<string, Entry>();
    try {
      for (const socket of sockets) {
        entries.set(entryKey(socket), await this.#entryFor(socket, passed.get(socket.key)));
      }
      if (this.#isClosed) throw new Error('the sockets were closed meanwhile');
    } catch (error) {
      this.#undo(entries);
      throw error;
    }
    const isFirst = this.#current === nothing;
    const keys = new Map(sockets.map((socket) => [socket.key, entryKey(socket)]));
    this.#next = { entries, keys };
    if (isFirst) this.commit();
  }

  commit(): void {
    const next = this.#next;
    if (next === undefined) return;
    for (const [key, entry] of this.#current.entries) {
      if (!next.entries.has(key)) entry.release();
    }
    this.#current = next;
    this.#next = undefined;
  }

  rollback(): void {
    const next = this.#next;
    this.#next = undefined;
    if (next !== undefined) this.#undo(next.entries);
  }

  get(of: 'current' | 'next', pool: string, listener: string, slot: number): HeldSocket {
    const { entries, keys } = (of === 'next' ? this.#next : undefined) ?? this.#current;
    const key =
      keys.get(socketKey(pool, listener, slot)) ?? keys.get(socketKey(pool, listener, undefined));
    const entry = key === undefined ? undefined : entries.get(key);
    if (entry !== undefined) return entry;
    throw new Error(
      `no socket is open for worker ${slot} of pool ${pool} and listener ${listener}`,
    );
  }

  close(): void {
    if (this.#isClosed) return;
    this.rollback();
    this.#isClosed = true;
    for (const entry of this.#current.entries.values()) entry.release();
  }

  async #entryFor(planned: PlannedSocket, passed: PassedSocket | undefined): Promise<Entry> {
    if (passed !== undefined) return passedEntry(passed);
    const held = this.#current.entries.get(entryKey(planned));
    if (held !== undefined) return changed(held, accessOf(planned, held.maker));
    const { directory, warn } = this.#options;
    const { mode, owner } = planned.listener;
    const socket = await bindSocket({ address: planned.address, mode, owner, directory });
    for (const warning of socket.warnings) warn(warning);
    const maker: Owner = { uid: process.geteuid?.(), gid: process.getegid?.() };
    return { ...socket, maker, access: accessOf(planned, maker) };
  }

  /** Back to what the current plan has: the added are released, the others get their old access. */
  #undo(entries: Entries): void {
    for (const [key, entry] of entries) {
      const before = this.#current.entries.get(key);
      if (before === undefined) entry.release();
      else if (!this.#isClosed) this.#giveBack(before, entry.access);
    }
  }

  /** What cannot be given back is told: an end of a change that threw would never come. */
  #giveBack(before: Entry, access: SocketAccess): void {
    if (isSameAccess(before.access, access)) return;
    try {
      before.setAccess(before.access);
    } catch (error) {
      this.#options.warn(messageOf(error));
    }
  }
}

function changed(held: Entry, access: SocketAccess): Entry {
  if (isSameAccess(held.access, access)) return held;
  held.setAccess(access);
  return { ...held, access };
}

function passedEntry({ descriptor, address }: PassedSocket): Entry {
  const maker: Owner = { uid: undefined, gid: undefined };
  const access: SocketAccess = { mode: 0, owner: maker };
  return { descriptor, address, access, maker, setAccess: () => {}, release: () => {} };
}

function accessOf({ listener: { mode, owner } }: PlannedSocket, maker: Owner): SocketAccess {
  return { mode, owner: { uid: owner.uid ?? maker.uid, gid: owner.gid ?? maker.gid } };
}

function isSameAccess(one: SocketAccess, other: SocketAccess): boolean {
  const isSameOwner = one.owner.uid === other.owner.uid && one.owner.gid === other.owner.gid;
  return one.mode === other.mode && isSameOwner;
}

function entryKey({ address }: PlannedSocket): string {
  return describeAddress(address);
}
