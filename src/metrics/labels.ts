/**
 * Every value that a label of the metrics may have, in one place: no request makes another (T86).
 * The names of pools and the configured certificate files, which are labels as well, come from the
 * configuration.
 */

/** What serves the request. */
export const requestRoles = ['content', 'api', 'application'] as const;
export type RequestRole = (typeof requestRoles)[number];

/**
 * How a request ended. `overdue`: it was over its time limit. `aborted`: the client went away before
 * the response was whole.
 */
export const requestOutcomes = [
  'ok',
  'deny',
  'not-found',
  'refused',
  'fault',
  'overdue',
  'aborted',
] as const;
export type RequestOutcome = (typeof requestOutcomes)[number];

/** What a rule of a policy said when it was asked. */
export const decisionOutcomes = ['allow', 'deny', 'abstain', 'fault'] as const;
export type DecisionOutcome = (typeof decisionOutcomes)[number];

/** The upper bounds of the latency histogram, seconds; above the last one there is +Inf. */
export const durationBounds = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
] as const;

/** The outcome that a whole response with this status is. */
export function requestOutcomeOf(status: number): RequestOutcome {
  if (status < 400) return 'ok';
  if (status >= 500) return 'fault';
  switch (status) {
    case 401:
    case 403:
    case 429:
      return 'deny';
    case 404:
    case 410:
      return 'not-found';
    default:
      return 'refused';
  }
}
