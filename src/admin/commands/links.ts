/** `portcullis-admin link …`: signed links to content. Pulp has no such links. */

import { durationExamples, readDuration } from '../../terminal/duration.ts';
import type { Command, Given } from '../command.ts';
import { Failure } from '../failure.ts';
import { usage } from '../read-options.ts';
import { fieldsOf, textOf } from '../untrusted.ts';

const create: Command = {
  path: ['link', 'create'],
  summary: 'makes a link that lets in whoever has it, for a time',
  description: [
    'Writes the link alone on the standard output, so that it can be piped; until when it counts is told on the standard error.',
    'The server signs it with the keys that its configuration names (api.links), and the distribution takes it where its rule signed-url names the same. It takes the permission CREATE on /v2/signed_links/DISTRIBUTION/, which holds for the distributions below as well.',
    'A single link cannot be taken back: keep it short-lived. All links of a key end when its line is taken out of the file of keys.',
  ],
  options: {
    distribution: {
      value: 'URL',
      text: 'The relative URL of the distribution, as acme/el9.',
      isRequired: true,
    },
    path: {
      value: 'PATH',
      text: 'What is linked to, inside of the distribution, as it stands in a URL: a space is %20. Left out, the distribution itself.',
    },
    below: {
      text: 'PATH is empty or names a directory, with a slash at its end, and all below it is meant.',
    },
    for: {
      value: 'TIME',
      text: `How long it counts, as ${durationExamples}; an hour unless the server allows less.`,
    },
    address: { value: 'RANGE', text: 'An IP address or a CIDR range from where alone it counts.' },
    method: {
      value: 'METHOD',
      text: 'GET, which is good for HEAD as well and the default, or HEAD.',
    },
    prefix: {
      value: 'PATH',
      text: 'The content prefix that stands in it, as /pulp/isos/; the first one below which the distribution is unless given.',
    },
    key: { value: 'ID', text: 'The key that signs; the first one of the server unless given.' },
  },
  run: async ({ call, output }, given) => {
    const path = ['signed_links', ...given.required('distribution').split('/')];
    const answer = await call({ method: 'POST', path, body: bodyOf(given) });
    if (answer instanceof Failure) return answer;
    const { url, expires } = fieldsOf(answer.body);
    output.hand(
      textOf(url),
      [`The link lets in whoever has it until ${textOf(expires)}.`],
      answer.body,
    );
    return undefined;
  },
};

function bodyOf(given: Given) {
  const time = given.one('for');
  const seconds = time === undefined ? undefined : readDuration(time);
  if (time !== undefined && seconds === undefined) {
    const expected = `expected ${durationExamples}`;
    throw usage(create.path, `Cannot use --for ${JSON.stringify(time)}: ${expected}`);
  }
  return {
    path: given.one('path'),
    below: given.has('below'),
    seconds,
    address: given.one('address'),
    method: given.one('method'),
    prefix: given.one('prefix'),
    key: given.one('key'),
  };
}

export const linkCommands: readonly Command[] = [create];
