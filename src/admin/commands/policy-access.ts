/** `portcullis-admin policy access …`: who may read a distribution, where the store says it. */

import { policyLines, readPolicyFile } from '../../policies/policy-file.ts';
import type { Command, CommandOption } from '../command.ts';
import { Failure } from '../failure.ts';
import { field, showResources } from '../present/resources.ts';
import { type Fields, fieldsOf, textOf } from '../untrusted.ts';
import { clientOf, clientOptions, explanationOf } from './access-explain.ts';
import { detailsOption, fieldsOption } from './names.ts';

const distributionOption: CommandOption = {
  value: 'URL',
  text: 'The relative URL of the distribution, as acme/el9.',
  isRequired: true,
};

const fileOption: CommandOption = {
  value: 'FILE',
  text: 'A file of YAML or JSON, with the tree under access and the policies of single paths under paths, as the configuration has them.',
  isRequired: true,
};

const columns = [
  { title: 'DISTRIBUTION', cell: field('distribution') },
  { title: 'ACCESS', cell: stateOf },
  { title: 'CHANGED', cell: field('changed') },
  { title: 'BY', cell: field('by') },
];

function stateOf({ source, is_set: isSet, is_served: isServed }: Fields): string {
  if (isServed === false) return 'of the store, and not served';
  if (source === 'configuration') return 'of the configuration';
  return isSet === true ? 'of the store' : 'nobody';
}

function pathOf(distribution: string): readonly string[] {
  return ['distributions', ...distribution.split('/'), 'access'];
}

const list: Command = {
  path: ['policy', 'access', 'list'],
  summary: 'lists the distributions, and who says who may read them',
  options: { details: detailsOption, fields: fieldsOption },
  run: async ({ call, output }, given) => {
    const answer = await call({ method: 'GET', path: ['distributions'] });
    if (answer instanceof Failure) return answer;
    output.show(showResources('Distributions', answer.body, columns, given), answer.body);
    return undefined;
  },
};

const show: Command = {
  path: ['policy', 'access', 'show'],
  summary: 'shows who may read a distribution',
  description: [
    'Writes on the standard output what --file of `policy access set` reads; on the standard error it is told who says it.',
  ],
  options: { distribution: distributionOption },
  run: async ({ call, output }, given) => {
    const distribution = given.required('distribution');
    const answer = await call({ method: 'GET', path: pathOf(distribution) });
    if (answer instanceof Failure) return answer;
    const fields = fieldsOf(answer.body);
    const { access, paths, is_set: isSet, source } = fields;
    const isStored = isSet === true && source === 'store';
    const lines = isStored ? policyLines({ access, paths }) : [];
    output.hand(lines, [`The access of ${distribution}: ${stateOf(fields)}.`], answer.body);
    return undefined;
  },
};

const set: Command = {
  path: ['policy', 'access', 'set'],
  summary: 'says who may read a distribution, in place of what was said before',
  description: [
    'Every worker on every host goes by it within a second. The configuration has to leave it to the store: the distribution has neither access nor paths there.',
    'It takes the permission UPDATE on /v2/distributions/URL/access/, which a grant on /v2/distributions/URL/ gives, for the distributions below as well.',
  ],
  options: {
    distribution: distributionOption,
    file: fileOption,
  },
  run: async ({ call, output }, given) => {
    const distribution = given.required('distribution');
    const body = await readPolicyFile(given.required('file'), '--file', ['access', 'paths']);
    const answer = await call({ method: 'PUT', path: pathOf(distribution), body });
    if (answer instanceof Failure) return answer;
    const { distribution: name } = fieldsOf(answer.body);
    output.done(`Access of [${textOf(name)}] successfully set`, answer.body);
    return undefined;
  },
};

const preview: Command = {
  path: ['policy', 'preview'],
  summary: 'says what a client would get by an access that is not saved, and why',
  description: [
    'Plays the request of --url as if its distribution had the access of --file. Nothing is saved, charged, remembered or logged; a password that is not given is taken for right. It takes the permission EXECUTE on /v2/access/preview/.',
  ],
  options: {
    url: {
      value: 'URL',
      text: 'What the client asks for: a URL, or its path, which says the distribution.',
      isRequired: true,
    },
    file: fileOption,
    ...clientOptions,
  },
  run: async ({ call, output }, given) => {
    const access = await readPolicyFile(given.required('file'), '--file', ['access', 'paths']);
    const client = await clientOf(given, preview.path);
    const body = { url: given.required('url'), ...client, ...access };
    const answer = await call({ method: 'POST', path: ['access', 'preview'], body });
    if (answer instanceof Failure) return answer;
    const documents = [explanationOf(fieldsOf(answer.body))];
    output.show({ title: 'Preview', none: 'None.', content: { documents } }, answer.body);
    return undefined;
  },
};

const clear: Command = {
  path: ['policy', 'access', 'clear'],
  summary: 'takes back what was said: nobody may read the distribution then',
  options: { distribution: distributionOption },
  run: async ({ call, output }, given) => {
    const distribution = given.required('distribution');
    const answer = await call({ method: 'DELETE', path: pathOf(distribution) });
    if (answer instanceof Failure) return answer;
    output.done(`Access of [${distribution}] successfully cleared`, answer.body);
    return undefined;
  },
};

export const accessCommands: readonly Command[] = [list, show, set, preview, clear];
