/**
 * The file `listing` in the parents of distributions, by which clients find out what a variable in a path may
 * stand for, as $releasever: the names right below, of those that lead to something that this client may read.
 */

import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Allowance, Verdict } from '../access/decision.ts';
import type { AskRule } from '../access/policy.ts';
import { childPath } from '../http/canonical-path.ts';
import type { Evidence } from '../model.ts';
import { accessRequestFor, decide, type Served, targetAt } from './decide.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { Resolver } from './resolve.ts';

/** The name of such a file. */
export const listingName = 'listing';

/** Distributions that are judged for one listing: with more below it, it is refused (T85). */
export const listingDistributionsMax = 1000;

/** Distributions that are judged before other requests have their turn. */
const judgedAtOnce = 20;

/**
 * The names right below a path, each with the paths at which something is served there and below it;
 * undefined where nothing is, and above all distributions.
 */
export type Below = (path: string) => ReadonlyMap<string, Iterable<string>> | undefined;

export interface ListingQuestion {
  /** The whole request path, canonical. */
  readonly path: string;
  readonly method: 'GET' | 'HEAD';
  readonly evidence: Evidence;
  readonly requestId?: string | undefined;
}

export interface ListingParts {
  readonly below: Below;
  readonly resolve: Resolver<Served>;
  /** As `decide` takes it; a decision that is remembered counts as any. */
  readonly ask: AskRule;
}

/** One distribution that was asked whether it lets the client in. */
export interface JudgedDistribution {
  readonly path: string;
  readonly relativeUrl: string;
  readonly verdict: Verdict;
}

export interface ParentListing {
  /** Sorted; none where the client may read nothing of what is there. */
  readonly names: readonly string[];
  /** The first that let the client in. */
  readonly allowance: Allowance | undefined;
  /** Of the distributions of a name, those up to the first that lets in. */
  readonly judged: readonly JudgedDistribution[];
}

/**
 * Each distribution is asked for its own file `listing`: an entitlement grants that above the paths that are
 * in it as well. What faults or denies is left out, and what an allow would charge is not charged for a name.
 *
 * @returns undefined where there is no such file; a refusal where it would have to be judged by too many
 */
export async function readParentListing(
  question: ListingQuestion,
  parts: ListingParts,
): Promise<ParentListing | Refusal | undefined> {
  const { path } = question;
  if (!path.endsWith(`/${listingName}`)) return undefined;
  const below = parts.below(path.slice(0, -listingName.length - 1));
  if (below === undefined) return undefined;
  if (below.size > listingDistributionsMax) return tooMany();
  const names: string[] = [];
  const judged: JudgedDistribution[] = [];
  let allowance: Allowance | undefined;
  for (const name of [...below.keys()].toSorted()) {
    for (const at of below.get(name) ?? []) {
      if (judged.length === listingDistributionsMax) return tooMany();
      const one = await judge(at, question, parts);
      if (one === undefined) continue;
      judged.push(one);
      if (judged.length % judgedAtOnce === 0) await yieldToOthers();
      if (one.verdict.outcome !== 'allow') continue;
      names.push(name);
      allowance ??= one.verdict;
      break;
    }
  }
  return { names, allowance, judged };
}

/** @returns undefined for what is not served there: another one lies above it, or not over the client's protocol */
async function judge(
  at: string,
  { method, evidence, requestId }: ListingQuestion,
  { resolve, ask }: ListingParts,
): Promise<JudgedDistribution | undefined> {
  const target = targetAt(childPath(at, listingName), resolve, evidence.secure);
  if ('refusal' in target || target.pathInDistribution !== `/${listingName}`) return undefined;
  const request = accessRequestFor(target, method, evidence, requestId);
  const verdict = await decide(target, request, ask);
  return { path: at, relativeUrl: target.distribution.relativeUrl, verdict };
}

function tooMany(): Refusal {
  return refuse(
    'CANNOT_DECIDE',
    `more than ${listingDistributionsMax} distributions would have to be judged for the listing`,
  );
}

/** As what is not there: it says nothing of what there is to who may read none of it (T105). */
export function nothingListed({ judged }: ParentListing): Refusal {
  const reason = `none of the ${judged.length} distributions below it lets the client in`;
  return refuse('NOT_FOUND', reason);
}
