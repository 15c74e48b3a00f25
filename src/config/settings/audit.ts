/** The decision log that is kept in the store. */

import { boolean, wholeNumber } from '../kinds/scalars.ts';
import { group, setting } from '../setting.ts';

export const auditGroup = group(
  'The decision log in the store, which can be searched, and from which downloads are counted. Pools with the role content write it, and so need the store.',
  {
    inStore: setting(boolean, {
      description: 'Whether decisions are kept in the store, besides the lines of the log.',
      default: false,
      example: true,
    }),
    entries: setting(wholeNumber(250, 100_000_000), {
      description: 'How many decisions are kept at most; the oldest go, 250 at a time.',
      unit: 'decisions',
      default: 1_000_000,
      example: 5_000_000,
    }),
    days: setting(wholeNumber(1, 3650), {
      description: 'How long a decision is kept at most.',
      unit: 'days',
      default: 30,
      example: 90,
    }),
    usageDays: setting(wholeNumber(1, 3650), {
      description:
        'How long the downloads and bytes of a day are kept; those of single hours are kept for 7 days.',
      unit: 'days',
      default: 400,
      example: 800,
    }),
    certificates: setting(wholeNumber(0, 1_000_000), {
      description:
        'How many certificates of clients are kept, so that explain can play them by their fingerprint; 0 keeps none. They are in no log and no answer of the API.',
      unit: 'certificates',
      default: 10_000,
      example: 0,
    }),
  },
);
