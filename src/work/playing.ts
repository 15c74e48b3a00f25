/**
 * Whether a rule is asked about a request that is only played, and what it finds then. A rule cannot
 * tell the difference; what it is given can: passwords that are tried count as those of who explains.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { CertificateFinding, ChainLink, GrantFinding } from '../access/findings.ts';
import type { AskRule, Rule } from '../access/policy.ts';
import type { Certificate } from '../identity/certificate.ts';
import { describeName } from '../identity/distinguished-name.ts';

/** Who plays, and what is taken for granted. */
export interface Player {
  /** Undefined at a terminal. */
  readonly guesser: string | undefined;
  readonly isPasswordAssumed: boolean;
}

/** One rule that is asked, with what it finds. */
export interface PlayedRule extends Player {
  certificate?: CertificateFinding;
  chain?: readonly ChainLink[];
  /** Before the deny-list was looked at. */
  isChainValid?: boolean;
  grant?: GrantFinding;
}

const playing = new AsyncLocalStorage<PlayedRule>();

/** Undefined for a request that a client makes. */
export function playedRule(): PlayedRule | undefined {
  return playing.getStore();
}

/** @param played gets what each rule finds */
export function askPlayed(ask: AskRule, player: Player, played: Map<Rule, PlayedRule>): AskRule {
  return (rule, request, asker) => {
    const found: PlayedRule = { ...player };
    played.set(rule, found);
    return playing.run(found, () => ask(rule, request, asker));
  };
}

export function describeChain(path: readonly Certificate[]): readonly ChainLink[] {
  return path.map(({ subject, serial, notBefore, notAfter }) => ({
    subject: describeName(subject),
    serial,
    notBefore,
    notAfter,
  }));
}
