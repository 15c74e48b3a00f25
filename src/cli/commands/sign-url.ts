/** `portcullis sign-url`. */

import { readUrlKeys } from '../../identity/signed-urls/keys.ts';
import { signingSecond, signUrl } from '../../identity/signed-urls/sign.ts';
import { durationExamples, readDuration } from '../../terminal/duration.ts';
import { usage } from '../arguments.ts';
import type { Command } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';

/** Seconds of a URL unless --for says otherwise. */
const hourSeconds = 3600;

/** The longest that any rule `signed-url` can be told to take. */
const daysMax = 366;

export const signUrlCommand: Command = {
  name: 'sign-url',
  summary: 'makes a URL that lets in whoever has it, for a time',
  synopsis: 'URL',
  description: [
    'Signs URL, a whole one or a path, with a key of a file that a rule signed-url names, and writes the signed URL to the standard output. A query in it is signed as it stands; what a shell would take for its own has to be quoted.',
    'The URL counts from now on. Whether a running Portcullis would let it in is told by portcullis explain, which takes it as it is.',
  ],
  options: {
    keys: {
      value: 'FILE',
      text: 'The file of keys, lines of an id, a colon and a key in base64. It is needed.',
    },
    key: { value: 'ID', text: 'The key that signs; the first one of the file unless it is named.' },
    for: {
      value: 'TIME',
      text: `How long it counts, as ${durationExamples}; an hour unless it is said, and ${daysMax}d at most. A rule may take less.`,
    },
    method: {
      value: 'METHOD',
      text: 'GET, which is good for HEAD as well and the default, or HEAD.',
    },
    address: { value: 'RANGE', text: 'An IP address or a CIDR range from where alone it counts.' },
    below: { text: 'URL names a directory, with a slash at its end, and all below it is meant.' },
  },
  isConfigured: false,
  words: { min: 1, max: 1 },
  exitStatus: {},
  examples: [
    {
      text: 'A file for a day:',
      line: 'portcullis sign-url --keys /etc/portcullis/url-keys --for 1d https://cdn.example.com/pulp/repos/acme/el9/a-1.0.rpm',
    },
    {
      text: 'All of a directory for the hosts of one network:',
      line: 'portcullis sign-url --keys /etc/portcullis/url-keys --below --address 192.0.2.0/24 https://cdn.example.com/pulp/isos/acme/',
    },
  ],
  run: async ({ words, options }) => {
    const file = options.get('keys');
    if (file === undefined)
      throw usage(signUrlCommand, 'Cannot sign without a key: use --keys FILE');
    const method = readMethod(options.get('method'));
    const seconds = secondsOf(options.get('for'));
    const from = signingSecond(new Date());
    const signed = signUrl(
      {
        url: words[0] ?? '',
        method,
        from,
        expires: new Date(from.getTime() + seconds * 1000),
        key: options.get('key'),
        address: options.get('address'),
        below: options.has('below'),
      },
      await readUrlKeys(file),
    );
    process.stdout.write(`${signed}\n`);
    return exitCodes.ok;
  },
};

function readMethod(method = 'GET'): 'GET' | 'HEAD' {
  if (method === 'GET' || method === 'HEAD') return method;
  throw usage(signUrlCommand, 'Cannot sign for such a method: expected GET or HEAD');
}

function secondsOf(text: string | undefined): number {
  if (text === undefined) return hourSeconds;
  const seconds = readDuration(text);
  if (seconds !== undefined && seconds <= daysMax * 86_400) return seconds;
  throw usage(
    signUrlCommand,
    `Cannot sign for such a time: expected ${durationExamples}, and ${daysMax}d at most`,
  );
}
