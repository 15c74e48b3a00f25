/** `portcullis-admin consumer register` and `renew`, which hand out a key with its certificate. */

import type { Command, CommandOption, Context, Given } from '../command.ts';
import { describingOptions, descriptionOf } from '../describing.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { KeyFile } from '../key-file.ts';
import { usage } from '../read-options.ts';
import type { ApiCall } from '../server/call.ts';
import { parseSession } from '../session.ts';
import { fieldsOf, textOf } from '../untrusted.ts';
import { consumerOption } from './names.ts';

const once = 'The key cannot be shown again.';

const fileOptions: Readonly<Record<string, CommandOption>> = {
  file: {
    value: 'FILE',
    text: 'Writes the key and the certificate into this file, which its owner alone can read, and not on the standard output.',
  },
  force: { text: 'Replaces the file where it is there already.' },
};

const handedOut = [
  'The key and the certificate come in one PEM, this once: on the standard output, so that they can be piped, or into --file. What a person has to know is told on the standard error.',
];

export const registerConsumer: Command = {
  path: ['consumer', 'register'],
  summary: 'registers a consumer, and hands out its key and certificate this once',
  description: handedOut,
  options: {
    'consumer-id': {
      ...consumerOption,
      text: 'The id of the consumer: letters, digits, and the characters - _ .',
    },
    ...describingOptions,
    ...fileOptions,
  },
  run: (context, given) => {
    const id = given.required('consumer-id');
    const body = { id, ...descriptionOf(given, registerConsumer.path) };
    return handOut(context, given, registerConsumer.path, {
      call: { method: 'POST', path: ['consumers'], body },
      done: `Consumer [${id}] successfully registered`,
      lost: `The consumer [${id}] is registered, but its key is lost`,
    });
  },
};

export const renewConsumer: Command = {
  path: ['consumer', 'renew'],
  summary: 'gives a consumer another key and certificate, and hands them out this once',
  description: [
    ...handedOut,
    'Those of before stay good until they end, unless --end-others is given. A consumer can do it by itself: with id_cert_dir and id_cert_filename in its settings, this program calls by its certificate.',
  ],
  options: {
    'consumer-id': consumerOption,
    'end-others': { text: 'Ends the certificates of before at once, as after a key was lost.' },
    ...fileOptions,
  },
  run: (context, given) => {
    const id = given.required('consumer-id');
    const path = ['consumers', id, 'actions', 'renew_certificate'];
    return handOut(context, given, renewConsumer.path, {
      call: { method: 'POST', path, body: { end_others: given.has('end-others') } },
      done: `Certificate of consumer [${id}] successfully renewed`,
      lost: `The consumer [${id}] has another certificate, but its key is lost`,
    });
  },
};

interface HandOut {
  readonly call: ApiCall;
  /** Without a full stop, as the next. */
  readonly done: string;
  readonly lost: string;
}

async function handOut(
  { call, output }: Context,
  given: Given,
  path: readonly string[],
  { call: apiCall, done, lost }: HandOut,
): Promise<Failure | undefined> {
  const name = given.one('file');
  if (name === undefined && given.has('force')) {
    throw usage(path, 'Cannot use --force: it is for the file of --file');
  }
  const reserved = name === undefined ? undefined : await KeyFile.reserve(name, given.has('force'));
  if (reserved instanceof Failure) return reserved;
  await using file = reserved;
  const answer = await call(apiCall);
  if (answer instanceof Failure) return answer;
  const { certificate, ...rest } = fieldsOf(answer.body);
  const pem = textOf(certificate);
  const parsed = parseSession(pem);
  if (parsed === undefined) return noCertificate();
  const until = `It is good until ${parsed.notAfterText}.`;
  if (file === undefined) {
    output.hand(pem.trimEnd().split('\n'), [`${done}.`, until, once], answer.body);
    return undefined;
  }
  const failure = await file.keep(pem);
  if (failure !== undefined) return lostKey(failure, lost);
  output.done(`${done}. ${until} Key and certificate are in ${name}`, rest);
  return undefined;
}

function noCertificate(): Failure {
  return new Failure({
    title: 'Unexpected Answer',
    lines: ['The server handed out no key with its certificate.'],
    exitCode: exitCodes.software,
  });
}

function lostKey({ title, lines, exitCode }: Failure, lost: string): Failure {
  const next = '`portcullis-admin consumer renew --end-others` hands out another.';
  return new Failure({ title, lines: [...lines, `${lost}. ${next}`], exitCode });
}
