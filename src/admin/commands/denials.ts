/** `portcullis-admin auth denial …`: certificates that open nothing any more. Pulp has no such list. */

import { readCertificateFile } from '../certificate-file.ts';
import type { Command, Given } from '../command.ts';
import { criteriaOf, criteriaOptions } from '../criteria.ts';
import { Failure } from '../failure.ts';
import { field, showResources } from '../present/resources.ts';
import { usage } from '../read-options.ts';
import { type Fields, fieldsOf, textOf } from '../untrusted.ts';
import { detailsOption, fieldsOption } from './names.ts';

const columns = [
  { title: 'ID', cell: field('id') },
  { title: 'SINCE', cell: field('since') },
  { title: 'BY', cell: field('by') },
  { title: 'REASON', cell: field('reason') },
];

const add: Command = {
  path: ['auth', 'denial', 'add'],
  summary: 'denies a certificate: it opens no content and no session from now on',
  description: [
    'Every worker on every host obeys within a second.',
    'The certificate is named by its file, by its fingerprint, or by the file of its CA and its serial number. By its file is best: it means the issuer and the serial number, which the holder cannot change. Of a file that holds the key as well, the key is not sent.',
  ],
  options: {
    reason: { value: 'TEXT', text: 'Why, for whoever reads the list.', isRequired: true },
    certificate: { value: 'FILE', text: 'The certificate, PEM.' },
    fingerprint: { value: 'HEX', text: 'Its SHA-256 fingerprint, as openssl prints it.' },
    issuer: { value: 'FILE', text: 'The certificate of its CA, PEM; with --serial.' },
    serial: {
      value: 'HEX',
      text: 'Its serial number, as openssl prints it; decimal:NUMBER for one in decimal.',
    },
  },
  run: async ({ call, output }, given) => {
    const body = { ...(await nameOf(given)), reason: given.required('reason') };
    const answer = await call({ method: 'POST', path: ['denied_certificates'], body });
    if (answer instanceof Failure) return answer;
    const { id } = fieldsOf(answer.body);
    output.done(`Certificate successfully denied as [${textOf(id)}]`, answer.body);
    return undefined;
  },
};

/** @throws PortcullisError USAGE, FILE_UNREADABLE */
async function nameOf(given: Given): Promise<Fields> {
  const [certificate, fingerprint] = [given.one('certificate'), given.one('fingerprint')];
  const [issuer, serial] = [given.one('issuer'), given.one('serial')];
  const isPair = issuer !== undefined && serial !== undefined;
  const ways = [certificate, fingerprint, issuer ?? serial].filter((way) => way !== undefined);
  if (ways.length !== 1 || (!isPair && (issuer ?? serial) !== undefined)) {
    const right = 'give --certificate, --fingerprint, or --issuer with --serial';
    throw usage(add.path, `Cannot deny a certificate: ${right}`);
  }
  if (certificate !== undefined) {
    return { certificate: await readCertificateFile('certificate', certificate) };
  }
  if (issuer === undefined) return { fingerprint };
  return { issuer: await readCertificateFile('issuer', issuer), serial };
}

const remove: Command = {
  path: ['auth', 'denial', 'remove'],
  summary: 'takes a certificate from the list: it opens again what it opened',
  options: {
    'denial-id': { value: 'ID', text: 'The id, as the list shows it.', isRequired: true },
  },
  run: async ({ call, output }, given) => {
    const id = given.required('denial-id');
    const answer = await call({ method: 'DELETE', path: ['denied_certificates', id] });
    if (answer instanceof Failure) return answer;
    output.done(`Denial [${id}] successfully removed`, answer.body);
    return undefined;
  },
};

const list: Command = {
  path: ['auth', 'denial', 'list'],
  summary: 'lists the certificates that are denied, with who denied them and why',
  options: { details: detailsOption, fields: fieldsOption },
  run: async ({ call, output }, given) => {
    const answer = await call({ method: 'GET', path: ['denied_certificates'] });
    if (answer instanceof Failure) return answer;
    output.show(showResources('Denied Certificates', answer.body, columns, given), answer.body);
    return undefined;
  },
};

const search: Command = {
  path: ['auth', 'denial', 'search'],
  summary: 'lists the denied certificates that the criteria mean',
  options: { ...criteriaOptions, details: detailsOption },
  run: async ({ call, output }, given) => {
    const body = { criteria: criteriaOf(given, search.path) };
    const answer = await call({ method: 'POST', path: ['denied_certificates', 'search'], body });
    if (answer instanceof Failure) return answer;
    output.show(showResources('Denied Certificates', answer.body, columns, given), answer.body);
    return undefined;
  },
};

export const denialCommands: readonly Command[] = [add, remove, list, search];
