/** The tokens of customers: made, shown, changed, rotated, revoked. */

import type { Change } from '../stores/change.ts';
import { newId } from '../stores/document.ts';
import type { Query, Store } from '../stores/store.ts';
import { countsOf } from './counts.ts';
import { readToken, secretsOf, writeTerms } from './record.ts';
import { digestOf, newSecret } from './secret.ts';
import { type TermProblem, termProblems } from './terms.ts';
import {
  type CountedToken,
  noCounts,
  overlapSecondsMax,
  type Revocation,
  type StoredSecret,
  type Token,
  type TokenTerms,
  tokenCollection,
  tokenCountCollection,
} from './token.ts';

/** `secret` is told this once: nobody can read it out of the store. */
export interface IssuedToken {
  readonly token: Token;
  readonly secret: string;
}

export type CreateResult =
  | ({ readonly outcome: 'created' } & IssuedToken)
  | { readonly outcome: 'invalid'; readonly problems: readonly TermProblem[] };

export type ChangeResult =
  | { readonly outcome: 'changed'; readonly token: Token }
  | { readonly outcome: 'invalid'; readonly problems: readonly TermProblem[] }
  | { readonly outcome: 'missing' };

export type RotateResult =
  | ({ readonly outcome: 'rotated' } & IssuedToken)
  | { readonly outcome: 'missing' | 'revoked' };

export type RevokeResult =
  | { readonly outcome: 'revoked' | 'revoked-before'; readonly token: Token }
  | { readonly outcome: 'missing' };

/**
 * Each change reaches every worker on every host within `changeReachesWithinMilliseconds`. All throw
 * PortcullisError STORE_… while the store cannot be used.
 */
export class Tokens {
  readonly #store: Store;
  readonly #now: () => Date;

  constructor(store: Store, now: () => Date) {
    this.#store = store;
    this.#now = now;
  }

  /** @param by the login of who makes it */
  async create(terms: TokenTerms, by: string): Promise<CreateResult> {
    const problems = termProblems(terms);
    if (problems.length > 0) return { outcome: 'invalid', problems };
    const _id = newId();
    // Its counts come first: a token without them opens nothing, and counts without a token do no harm.
    await this.#store.insert(tokenCountCollection, { _id, ...noCounts });
    const created = this.#now();
    const { secret, stored } = this.#newSecret(created);
    const document = { _id, ...writeTerms(terms), by, created, revoked: null, secrets: [stored] };
    const result = await this.#store.insert(tokenCollection, document);
    if (result.outcome !== 'inserted') throw new Error('an id that was drawn is taken');
    return { outcome: 'created', token: readToken(result.document), secret };
  }

  async byId(id: string): Promise<CountedToken | undefined> {
    const document = await this.#store.get(tokenCollection, id);
    if (document === undefined) return undefined;
    const [counted] = await this.#withCounts([readToken(document)]);
    return counted;
  }

  /** `fields` of the query have no effect: each token is given whole, with its counts. */
  async find({ fields: _, ...query }: Query): Promise<readonly CountedToken[]> {
    return this.#withCounts((await this.#store.find(tokenCollection, query)).map(readToken));
  }

  /** Counts stay as they are: a limit that was reached is not any more when it is raised. */
  async change(id: string, change: Partial<TokenTerms>): Promise<ChangeResult> {
    let problems: readonly TermProblem[] = [];
    const result = await this.#store.update(tokenCollection, id, (document) => {
      const terms = { ...readToken({ ...document, _id: id }), ...change };
      problems = termProblems(terms);
      return problems.length > 0 ? undefined : { ...document, ...writeTerms(terms) };
    });
    if (result.outcome === 'updated') {
      return { outcome: 'changed', token: readToken(result.document) };
    }
    return result.outcome === 'left' ? { outcome: 'invalid', problems } : { outcome: 'missing' };
  }

  /**
   * Gives the token another secret. The one before is good for the overlap still, and any before that
   * ends now.
   *
   * @param overlapSeconds 0 to {@link overlapSecondsMax}; what is more is cut
   */
  async rotate(id: string, overlapSeconds: number): Promise<RotateResult> {
    const now = this.#now();
    const { secret, stored } = this.#newSecret(now);
    const seconds = Math.min(Math.max(overlapSeconds, 0), overlapSecondsMax);
    const until = new Date(now.getTime() + 1000 * seconds);
    const result = await this.#store.update(tokenCollection, id, (document) => {
      if (document.revoked !== null) return undefined;
      const [present] = secretsOf(document);
      const previous = present === undefined || seconds === 0 ? [] : [{ ...present, until }];
      return { ...document, secrets: [stored, ...previous] };
    });
    if (result.outcome === 'updated') {
      return { outcome: 'rotated', token: readToken(result.document), secret };
    }
    return { outcome: result.outcome === 'left' ? 'revoked' : 'missing' };
  }

  /** For good; the first reason stays. Requests that use it are told so in the log from then on. */
  async revoke(id: string, { by, reason }: Omit<Revocation, 'at'>): Promise<RevokeResult> {
    const revoked = { at: this.#now(), by, reason };
    const change: Change = (document) =>
      document.revoked === null ? { ...document, revoked } : undefined;
    const result = await this.#store.update(tokenCollection, id, change);
    if (result.outcome === 'updated') {
      return { outcome: 'revoked', token: readToken(result.document) };
    }
    const before = await this.#store.get(tokenCollection, id);
    return before === undefined
      ? { outcome: 'missing' }
      : { outcome: 'revoked-before', token: readToken(before) };
  }

  /** Takes it out with its counts; whoever uses it is told that it is not known. */
  async delete(id: string): Promise<'deleted' | 'missing'> {
    const outcome = await this.#store.remove(tokenCollection, id);
    await this.#store.remove(tokenCountCollection, id);
    return outcome === 'removed' ? 'deleted' : 'missing';
  }

  #newSecret(since: Date): { readonly secret: string; readonly stored: StoredSecret } {
    const secret = newSecret();
    return { secret, stored: { digest: digestOf(secret), since, until: null } };
  }

  async #withCounts(tokens: readonly Token[]): Promise<readonly CountedToken[]> {
    const ids = tokens.map(({ _id }) => _id);
    const counts = await countsOf(this.#store, ids);
    return tokens.map((token) => ({ ...token, counts: counts.get(token._id) ?? noCounts }));
  }
}
