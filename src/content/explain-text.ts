/** Explains what is where no distribution is, and refusals of any path. */

import type { ExplainNode } from '../access/explain.ts';
import type { Explanation } from '../access/explanation.ts';
import { type FoundText, findText } from './find-text.ts';
import { textHeaders } from './open-text.ts';
import type { ListingQuestion, ParentListing } from './parent-listing.ts';
import { outcomeOf, type Refusal, refusalHeadersOf } from './refusal.ts';
import type { ContentParts } from './serve.ts';

type Answer = Pick<Explanation, 'outcome' | 'status' | 'headers' | 'reason'>;

/** @returns undefined where nothing is */
export async function explainText(
  question: ListingQuestion,
  parts: Pick<
    ContentParts,
    'resolve' | 'openTexts' | 'below' | 'ask' | 'settings' | 'refusalHeaders'
  >,
): Promise<(Answer & Pick<Explanation, 'principal' | 'tree'>) | undefined> {
  const { openTexts, below, resolve, ask, settings } = parts;
  const found = await findText(question, { openTexts, below, resolve, ask });
  if (found === undefined) return undefined;
  const tree = found.listing && treeOf(question.path, found.listing);
  if ('refusal' in found) return { ...refused(found.refusal, parts), principal: undefined, tree };
  const { text, allowance } = found;
  const { path } = question;
  const { cacheControl } = settings;
  return {
    outcome: 'allow',
    status: 200,
    headers: textHeaders({ text, path, cacheControl }),
    reason: reasonOf(found),
    principal: allowance.principal,
    tree,
  };
}

export function refused(
  refusal: Refusal,
  { refusalHeaders }: Pick<ContentParts, 'refusalHeaders'>,
): Answer {
  const outcome = outcomeOf(refusal);
  const { status, reason } = refusal;
  return {
    outcome: outcome === 'refused' ? 'not-found' : outcome,
    status,
    headers: refusalHeadersOf(refusal, refusalHeaders),
    reason,
  };
}

function reasonOf({ listing }: FoundText): string {
  if (listing === undefined) return 'it is for everybody';
  const { names } = listing;
  return names.length === 1
    ? 'one name leads to something that lets the client in'
    : `${names.length} names lead to something that lets the client in`;
}

/** Why each is in the listing or not; why its own policy says so, is to be asked of it. */
function treeOf(path: string, { names, judged }: ParentListing): ExplainNode {
  return {
    label: 'listing',
    at: path,
    outcome: names.length === 0 ? 'deny' : 'allow',
    reason: names.join(' '),
    findings: undefined,
    children: judged.map(({ path: at, relativeUrl, verdict }) => ({
      label: relativeUrl,
      at,
      outcome: verdict.outcome,
      reason: verdict.outcome === 'allow' ? verdict.rule : verdict.reason,
      findings: undefined,
      children: [],
    })),
  };
}
