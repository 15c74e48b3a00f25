/** Taking over remote repositories, in the pools that have the role `tasks`. */

import { peerRange } from '../kinds/network.ts';
import { boolean, listOf, wholeNumber } from '../kinds/scalars.ts';
import { group, setting } from '../setting.ts';

const bytesMost = 1_099_511_627_776;
const daySeconds = 86_400;

export const syncGroup = group(
  'Taking over remote repositories, in the pools that have the role tasks.',
  {
    addresses: setting(listOf(peerRange, { max: 1000 }), {
      description:
        'The addresses, besides the public ones, at which feeds, what they redirect to, and their proxies may be. Whoever may set a feed can have Portcullis ask there, and reads in the error what became of it.',
      default: [],
      example: ['10.20.0.0/16'],
    }),
    downloads: setting(wholeNumber(1, 100), {
      description: 'How many files one sync fetches at a time at most, whatever its importer says.',
      unit: 'files',
      default: 16,
      example: 4,
    }),
    attempts: setting(wholeNumber(1, 100), {
      description:
        'How often a file is asked for in vain before the sync ends, with longer and longer waits. Whatever makes headway does not count.',
      unit: 'attempts',
      default: 5,
      example: 3,
    }),
    connectSeconds: setting(wholeNumber(1, 3600), {
      description: 'How long a connection to a feed may take.',
      unit: 'seconds',
      default: 30,
      example: 10,
    }),
    idleSeconds: setting(wholeNumber(1, 3600), {
      description: 'How long a feed may send nothing before its connection is given up.',
      unit: 'seconds',
      default: 60,
      example: 20,
    }),
    fileSeconds: setting(wholeNumber(1, 7 * daySeconds), {
      description: 'How long the download of one file may take, with all its attempts.',
      unit: 'seconds',
      default: daySeconds,
      example: 3600,
    }),
    fileBytesMax: setting(wholeNumber(1, bytesMost), {
      description: 'The largest file of content that is fetched.',
      unit: 'bytes',
      default: 107_374_182_400,
      example: 10_737_418_240,
    }),
    metadataBytesMax: setting(wholeNumber(1, bytesMost), {
      description: 'The largest file of metadata that is fetched.',
      unit: 'bytes',
      default: 1_073_741_824,
      example: 104_857_600,
    }),
    openMetadataBytesMax: setting(wholeNumber(1, bytesMost), {
      description: 'The largest file of metadata, uncompressed.',
      unit: 'bytes',
      default: 8_589_934_592,
      example: 1_073_741_824,
    }),
    unitsMax: setting(wholeNumber(1, 10_000_000), {
      description: 'The most units of one kind of metadata that are taken over.',
      unit: 'units',
      default: 500_000,
      example: 50_000,
    }),
    weakDigests: setting(boolean, {
      description:
        'Whether files are taken of which only an MD5 or a SHA-1 is known. Whoever chooses both of two files can give them the same.',
      default: false,
      example: true,
    }),
  },
);
