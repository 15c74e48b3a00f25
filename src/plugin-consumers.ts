/** What a rule asks of the consumers of the store. A part of the authorizer API. */

import type { PresentedCertificate } from './plugin-services.ts';

export type ConsumerVerdict =
  | {
      readonly outcome: 'admitted';
      /** As in `/v2/consumers/<id>/`. */
      readonly id: string;
      /** What people call it; undefined where it has no name but its id. */
      readonly displayName: string | undefined;
      /** When the certificate ends by itself. */
      readonly until: Date;
    }
  /** `reason` is one clause for the operator, as `the consumer "web1" is not bound to "acme-el9"`. */
  | { readonly outcome: 'refused'; readonly reason: string };

/** The registered consumers, by their certificates. */
export interface StoredConsumers {
  /**
   * Whether it is the certificate of a consumer that is registered, and bound to the repository.
   *
   * @param certificate as the client presented it
   * @param repository the id of a repository
   * @throws PortcullisError STORE_… while the store cannot be asked
   */
  verify(certificate: PresentedCertificate, repository: string): Promise<ConsumerVerdict>;
}
