/** The families of metrics that tell what access rests on, and how soon it ends. */

import type { ProcessReading, Totals } from './aggregate.ts';
import type { Family, Sample } from './exposition.ts';
import { longestSeconds } from './longest-seconds.ts';
import { certificatesMax, listsToldMax, type RevocationListDates } from './snapshot.ts';

/** Gauges of the workers that live. */
export function trustFamilies(totals: Totals): readonly Family[] {
  const readings = [...totals.processes.values()];
  return [
    {
      name: 'portcullis_certificate_expiry_timestamp_seconds',
      type: 'gauge',
      help: 'When the certificate of a configured file that ends first does so.',
      samples: certificateSamples(readings),
    },
    {
      name: 'portcullis_revocation_list_this_update_timestamp_seconds',
      type: 'gauge',
      help: 'When the revocation list of a CA was issued, of those in force the first.',
      samples: listSamples(readings, ({ thisUpdate }) => thisUpdate),
    },
    {
      name: 'portcullis_revocation_list_next_update_timestamp_seconds',
      type: 'gauge',
      help: 'When the revocation list of a CA is out of date, of those in force the first.',
      samples: listSamples(readings, ({ nextUpdate }) => nextUpdate),
    },
    {
      name: 'portcullis_revocation_bound_seconds',
      type: 'gauge',
      help: 'How soon a revocation holds at the latest, by the slowest list or responder that a rule names.',
      samples: secondsSamples(totals, (gauges) => gauges.revocationSeconds),
    },
    {
      name: 'portcullis_edge_decision_seconds',
      type: 'gauge',
      help: 'How long nginx may go by an allow that it remembers: as much later a revocation holds.',
      samples: secondsSamples(totals, (gauges) => gauges.edgeDecisionSeconds),
    },
  ];
}

/** The earliest that any worker tells of: one that has not read a new file yet still serves the old. */
function certificateSamples(readings: readonly ProcessReading[]): readonly Sample[] {
  const certificates = readings.flatMap(({ gauges }) => gauges.certificates);
  return [...Map.groupBy(certificates, ({ name }) => name)]
    .slice(0, certificatesMax)
    .map(([certificate, same]) => ({
      labels: { certificate },
      value: Math.min(...same.map(({ expiresAt }) => expiresAt)),
    }));
}

/** The earliest that any worker tells of, likewise: one may have failed to read what the others have. */
function listSamples(
  readings: readonly ProcessReading[],
  value: (list: RevocationListDates) => number,
): readonly Sample[] {
  const lists = readings.flatMap(({ gauges }) => gauges.revocationLists);
  return [...Map.groupBy(lists, ({ authority }) => authority)]
    .slice(0, listsToldMax)
    .map(([authority, same]) => ({ labels: { authority }, value: Math.min(...same.map(value)) }));
}

function secondsSamples(
  totals: Totals,
  secondsOf: Parameters<typeof longestSeconds>[1],
): readonly Sample[] {
  const pools = longestSeconds(totals, secondsOf);
  return [...pools].map(([pool, value]) => ({ labels: { pool }, value }));
}
