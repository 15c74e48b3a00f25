/** The tokens of customers, opened once for all the rules of a worker that ask. */

import type { Configuration } from '../config/configuration.ts';
import { AttemptLimiter } from '../identity/attempt-limiter.ts';
import type { Logger } from '../log.ts';
import { StoreMemory } from '../people/store-memory.ts';
import type { CustomerTokens } from '../plugin.ts';
import { repeat } from '../tasks/repeat.ts';
import { ChargeQueue } from '../tokens/charge-queue.ts';
import { createCustomerTokens } from '../tokens/customer-tokens.ts';
import { KnownTokens } from '../tokens/known-tokens.ts';
import { tokenCollection } from '../tokens/token.ts';
import { UsageBook, usageFlushSeconds } from '../tokens/usage-book.ts';
import type { ControlPlane } from './control-plane.ts';
import { playedRule } from './playing.ts';

export interface ContentTokensParts {
  readonly configuration: Pick<Configuration, 'access'>;
  readonly controlPlane: ControlPlane;
  readonly log: Logger;
  readonly now: () => Date;
  /** Gets what has to be closed in the end. */
  readonly opened: AsyncDisposableStack;
}

export class ContentTokens {
  readonly #parts: ContentTokensParts;
  #opening: Promise<CustomerTokens> | undefined;
  #memory: StoreMemory | undefined;

  constructor(parts: ContentTokensParts) {
    this.#parts = parts;
  }

  /** @throws PortcullisError CONFIG_INVALID, FILE_UNREADABLE for a store that there cannot be */
  open(): Promise<CustomerTokens> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** The basis of a rule that asks for tokens; where nobody opened them, there is one. */
  get version(): number | undefined {
    return this.#memory === undefined ? 0 : this.#memory.version([tokenCollection]);
  }

  /** A memory of its own: tokens that nobody has made push no user out of it. */
  async #open(): Promise<CustomerTokens> {
    const { configuration, controlPlane, log, now, opened } = this.#parts;
    const { storeOutageSeconds: outageSeconds, rememberEntries } = configuration.access;
    const store = await controlPlane.store();
    this.#memory = opened.use(
      new StoreMemory({
        store,
        collections: [tokenCollection],
        outageSeconds,
        entriesMax: rememberEntries,
        log,
      }),
    );
    const writable = () => controlPlane.storeForWriting();
    const usage = new UsageBook(writable, log);
    opened.defer(() => usage.flush());
    opened.use(repeat(usageFlushSeconds * 1000, () => usage.flush()));
    const shared = {
      known: new KnownTokens(this.#memory),
      store,
      charges: new ChargeQueue(writable),
      usage,
      now,
    };
    const ofClients = createCustomerTokens({ ...shared, attempts: new AttemptLimiter() });
    const ofPlayers = createCustomerTokens({ ...shared, attempts: new AttemptLimiter() });
    return {
      // What is tried by playing a request keeps no client waiting.
      verify: (attempt) => (playedRule() === undefined ? ofClients : ofPlayers).verify(attempt),
      settle: (...delivery) => ofClients.settle(...delivery),
    };
  }
}
