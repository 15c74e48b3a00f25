/** The REST API, in the pools that have the role `api`. */

import path from 'node:path';
import type { ApiConfiguration } from '../configuration.ts';
import { filePath } from '../kinds/files.ts';
import { wholeNumber } from '../kinds/scalars.ts';
import { origin } from '../kinds/urls.ts';
import {
  type GroupValue,
  group,
  optionalGroup,
  optionalSetting,
  requiredSetting,
  setting,
} from '../setting.ts';

/** 366 days: the longest that a rule signed-url can be told to take. */
const linkSecondsMost = 31_622_400;

const members = {
  sessionCertificate: optionalSetting(filePath, {
    description:
      'The CA of session certificates, PEM; made when it is missing together with its key. It may hold CAs of before as well, whose sessions stay good. Left out, session-ca.pem in the directory of store.file.',
    example: '/etc/pki/pulp/ca.crt',
  }),
  sessionKey: optionalSetting(filePath, {
    description:
      'The private key of that CA, PEM, which nobody else may read. Workers without the role api never open it. Left out, session-ca.key in the directory of store.file.',
    example: '/etc/pki/pulp/ca.key',
  }),
  sessionSeconds: setting(wholeNumber(60, 31_536_000), {
    description: 'How long a session is good, and never longer than its CA.',
    unit: 'seconds',
    default: 604_800,
    example: 86_400,
  }),
  consumerCertificateSeconds: setting(wholeNumber(60, 315_360_000), {
    description:
      'How long the certificate of a consumer is good, and never longer than the session CA. The consumer renews it by itself.',
    unit: 'seconds',
    default: 31_536_000,
    example: 31_536_000,
  }),
  frontAuthority: optionalSetting(filePath, {
    description:
      "The CA of the front's certificate, PEM, which consumers get with each binding. Left out, they are to know it already.",
    example: '/etc/portcullis/front-ca.pem',
  }),
  bodyBytes: setting(wholeNumber(1024, 67_108_864), {
    description:
      'The longest body of a call of the API; the listeners of its pool take one of this size, or of limits.bodyBytes where that is more.',
    unit: 'bytes',
    default: 5_242_880,
    example: 5_242_880,
  }),
  links: optionalGroup(
    'The signing of links to content by the API; left out, it signs none. Distributions take the links whose rule signed-url names the same keys.',
    {
      keys: requiredSetting(filePath, {
        description:
          'The file of the keys, lines of an id, a colon and a key in base64; the first key signs unless a call names another. Nobody else may read it.',
        example: '/etc/portcullis/url-keys',
      }),
      origin: requiredSetting(origin, {
        description: 'Where clients reach the content: what stands before the path in each link.',
        example: 'https://cdn.example.com',
      }),
      secondsMax: setting(wholeNumber(1, linkSecondsMost), {
        description: 'How long a link may be valid. The rule that lets it in may take less.',
        unit: 'seconds',
        default: 604_800,
        example: 86_400,
      }),
    },
  ),
};

export const apiGroup = group('The REST API, in the pools that have the role api.', members);

/** The session CA moves with the store, unless it is said to lie elsewhere. */
export function besideStore(
  written: GroupValue<typeof members>,
  store: { readonly file: string },
): ApiConfiguration {
  const directory = path.dirname(store.file);
  return {
    ...written,
    sessionCertificate: written.sessionCertificate ?? path.join(directory, 'session-ca.pem'),
    sessionKey: written.sessionKey ?? path.join(directory, 'session-ca.key'),
  };
}
