/** Tokens as the store has them. */

import { PortcullisError } from '../errors.ts';
import type { Document } from '../stores/document.ts';
import type { StoredSecret, Token, TokenTerms } from './token.ts';

/** The fields of terms alone, in a document. */
export function writeTerms(terms: TokenTerms): Document {
  const { customer, description, validFrom, validUntil, distributions, paths } = terms;
  const { downloadsMax, bytesMax, addressesMax } = terms;
  return {
    ...{ customer, description, validFrom, validUntil, distributions, paths },
    ...{ downloadsMax, bytesMax, addressesMax },
  };
}

/** A token without what its secrets are stored as: nobody who shows it has a use for that. */
export function readToken(document: Document): Token {
  const { secrets: _, _version, ...token } = document;
  const [present, previous] = secretsOf(document);
  if (present === undefined) throw misfit();
  return {
    ...(token as unknown as Omit<Token, 'secretSince' | 'previousSecretUntil'>),
    secretSince: present.since,
    previousSecretUntil: previous?.until ?? null,
  };
}

/** The present one first, and the one before it while it overlaps. */
export function secretsOf({ secrets }: Document): readonly StoredSecret[] {
  if (!Array.isArray(secrets)) throw misfit();
  return secrets as unknown as readonly StoredSecret[];
}

function misfit(): PortcullisError {
  return new PortcullisError(
    'STORE_SCHEMA',
    'Cannot use a token of the store: its secrets are not as this version has them',
  );
}
