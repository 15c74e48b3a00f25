/** Plays requests by the policies that this process serves, or would serve. */

import type { ExplainQuery, Explanation, QueryProblem } from '../access/explanation.ts';
import type { RememberedDecision, RuleFindings } from '../access/findings.ts';
import type { DecisionMemory } from '../access/memory.ts';
import type { Rule } from '../access/policy.ts';
import type { Configuration } from '../config/configuration.ts';
import { explainRequest } from '../content/explain.ts';
import { isPasswordAssumed } from '../content/hypothetical-request.ts';
import type { AccessRequest } from '../plugin.ts';
import { askWithoutMemory, type OpenedContent } from './content-parts.ts';
import { askPlayed, type PlayedRule } from './playing.ts';
import { revocationBounds } from './revocation-bounds.ts';

export type Play = (query: ExplainQuery) => Promise<Explanation | QueryProblem>;

const nothing: Pick<PlayedRule, 'certificate' | 'grant'> = {};

export function createPlay(
  configuration: Configuration,
  { content, memory }: Pick<OpenedContent, 'content' | 'memory'>,
): Play {
  const ask = askWithoutMemory(configuration);
  const bounds = revocationBounds(configuration);
  return (query) => {
    const played = new Map<Rule, PlayedRule>();
    const player = {
      guesser: query.guesser,
      isPasswordAssumed: isPasswordAssumed(query),
    };
    const findingsOf = (rule: Rule, request: AccessRequest): RuleFindings => {
      const { certificate, grant } = played.get(rule) ?? nothing;
      const remembered = player.isPasswordAssumed ? undefined : rememberedOf(rule, request, memory);
      return { remembered, certificate: certificate && { ...certificate, grant } };
    };
    return explainRequest(query, {
      ...content,
      ask: askPlayed(ask, player, played),
      findingsOf,
      bounds,
    });
  };
}

function rememberedOf(
  rule: Rule,
  request: AccessRequest,
  memory: DecisionMemory,
): RememberedDecision | undefined {
  const version = rule.basis();
  const found = version === undefined ? undefined : memory.look(rule.id, request, version);
  if (found === undefined || found.decision.outcome === 'abstain') return undefined;
  return { outcome: found.decision.outcome, seconds: Math.ceil(found.seconds) };
}
