/** The REST API, in the pools that have the role `api`. */

import { filePath } from '../kinds/files.ts';
import { wholeNumber } from '../kinds/scalars.ts';
import { group, setting } from '../setting.ts';

export const apiGroup = group('The REST API, in the pools that have the role api.', {
  sessionCertificate: setting(filePath, {
    description:
      'The CA of session certificates, PEM; made when it is missing together with its key. It may hold CAs of before as well, whose sessions stay good.',
    default: '/var/lib/portcullis/session-ca.pem',
    example: '/etc/pki/pulp/ca.crt',
  }),
  sessionKey: setting(filePath, {
    description:
      'The private key of that CA, PEM, which nobody else may read. Workers without the role api never open it.',
    default: '/var/lib/portcullis/session-ca.key',
    example: '/etc/pki/pulp/ca.key',
  }),
  sessionSeconds: setting(wholeNumber(60, 31_536_000), {
    description: 'How long a session is good, and never longer than its CA.',
    unit: 'seconds',
    default: 604_800,
    example: 86_400,
  }),
  bodyBytes: setting(wholeNumber(1024, 67_108_864), {
    description:
      'The longest body of a call of the API; the listeners of its pool take one of this size, or of limits.bodyBytes where that is more.',
    unit: 'bytes',
    default: 5_242_880,
    example: 5_242_880,
  }),
});
