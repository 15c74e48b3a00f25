/** The deny-list of certificates, which Pulp has not: listed, added to, searched and taken from. */

import { z } from 'zod';
import { idOfName, readCertificateName } from '../../people/certificate-name.ts';
import {
  type DeniedCertificate,
  denialReasonCharactersMax,
} from '../../people/denied-certificates.ts';
import { everything } from '../../stores/filter.ts';
import { storableText } from '../check-input.ts';
import { isoDate, type Searchable } from '../criteria.ts';
import { duplicateResource, invalidValues, missingResource } from '../failures.ts';
import { created, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import type { People } from '../people/people.ts';
import { hrefOf, type Route, route } from '../route.ts';
import { searchRoutes } from '../search-routes.ts';

const deniedSchema = z.strictObject({
  _id: z.string(),
  id: z.string(),
  fingerprint: z.string().nullable(),
  issuer: z.string().nullable(),
  serial: z.string().nullable(),
  reason: z.string(),
  by: z.string(),
  since: z.string(),
  _ns: z.literal('denied_certificates'),
  _href: z.string(),
});

const path = '/v2/denied_certificates/';
const onePath = `${path}{certificate}/` as const;

const searchable: Searchable = {
  fields: new Map([
    ['id', '_id'],
    ['issuer', 'issuerText'],
    ...['_id', 'fingerprint', 'serial', 'reason', 'by', 'since'].map(
      (name) => [name, name] as const,
    ),
  ]),
  always: ['_id', 'id', '_href'],
};

/** PEM or hex: what is too long is no name of a certificate. */
const named = z
  .string()
  .max(64 * 1024)
  .nullish();

export function createDeniedCertificateRoutes({ people }: Pick<ApiParts, 'people'>): Route[] {
  const { denied } = people;
  return [
    route({
      method: 'GET',
      path,
      operation: 'READ',
      summary: 'All certificates that open nothing any more',
      answer: { status: 200, schema: z.array(deniedSchema) },
      handle: async () => ok((await denied.find({ filter: everything })).map(showDenied)),
    }),
    addRoute(denied),
    ...searchRoutes(`${path}search/`, 'Denied certificates that the criteria mean', {
      searchable,
      result: deniedSchema,
      find: async (query) => (await denied.find(query)).map(showDenied),
    }),
    route({
      method: 'GET',
      path: onePath,
      operation: 'READ',
      summary: 'One denied certificate, with who denied it, when and why',
      answer: { status: 200, schema: deniedSchema },
      refusals: [404],
      handle: async ({ params: { certificate: id } }) => {
        const found = await denied.byId(id);
        return found === undefined ? missingResource({ resource_id: id }) : ok(showDenied(found));
      },
    }),
    route({
      method: 'DELETE',
      path: onePath,
      operation: 'DELETE',
      summary: 'Takes a certificate from the list',
      answer: { status: 200, schema: z.null() },
      refusals: [404],
      handle: async ({ params: { certificate: id } }) =>
        (await denied.remove(id)) === 'missing' ? missingResource({ resource_id: id }) : ok(null),
    }),
  ];
}

function addRoute(denied: People['denied']): Route {
  return route({
    method: 'POST',
    path,
    operation: 'CREATE',
    summary: 'Denies a certificate by itself, its fingerprint, or its issuer and serial number',
    body: z.strictObject({
      certificate: named,
      fingerprint: named,
      issuer: named,
      serial: named,
      reason: storableText.min(1).max(denialReasonCharactersMax),
    }),
    answer: { status: 201, schema: deniedSchema },
    refusals: [409],
    handle: async ({ body: { reason, ...written }, caller: { login } }) => {
      const given = Object.entries(written).filter(([, value]) => value != null);
      const name = readCertificateName(Object.fromEntries(given));
      if ('problem' in name) {
        return invalidValues([name]);
      }
      const added = await denied.add(name, { reason, by: login });
      return added === undefined ? duplicateResource(idOfName(name)) : created(showDenied(added));
    },
  });
}

function showDenied(certificate: DeniedCertificate) {
  const { _id: id, fingerprint, issuerText: issuer, serial, reason, by, since } = certificate;
  return {
    _id: id,
    id,
    fingerprint,
    issuer,
    serial,
    reason,
    by,
    since: isoDate(since),
    _ns: 'denied_certificates',
    _href: hrefOf(onePath, { certificate: id }),
  };
}
