/** What nginx asks before it serves a file by itself, and how it is answered. */

/**
 * `distribution`: may the client read all that the policy of this path decides about? `path`: may it
 * read this path?
 */
const edgeQuestions = ['distribution', 'path'] as const;
export type EdgeQuestion = (typeof edgeQuestions)[number];

/** The statuses of the answers; nginx takes each as it is, and the client gets none of them. */
export const edgeAnswers = {
  /** Serve it. */
  serve: 204,
  /** This client is let in path by path: ask so. */
  askByPath: 300,
  /** Pass the request on, whole. */
  pass: 303,
} as const;

/** In the answer that lets nginx serve: what the decision log says of the decision, as JSON members. */
export const edgeDecidedHeader = 'X-Portcullis-Decided';

/**
 * Where a question is asked; the target of the request follows, as the client wrote it. The segment `!`
 * stands before it, which no relative URL of a distribution can be.
 *
 * @param internalPrefix begins and ends with `/`
 */
export function edgeLocation(internalPrefix: string, question: EdgeQuestion): string {
  return `${internalPrefix}!/${question}`;
}

/** @returns undefined for a request that is no question */
export function readEdgeQuestion(
  internalPrefix: string,
  url: string,
): { readonly question: EdgeQuestion; readonly rawTarget: string } | undefined {
  if (!url.startsWith(internalPrefix)) return undefined;
  for (const question of edgeQuestions) {
    const location = edgeLocation(internalPrefix, question);
    if (url.startsWith(`${location}/`)) return { question, rawTarget: url.slice(location.length) };
  }
  return undefined;
}
