/** `X repo uploads list`, `resume` and `cancel`: what was begun on this host and is not over. */

import { backgroundOption } from '../../background.ts';
import type { Command, CommandOption, Context, Given } from '../../command.ts';
import { exitCodes } from '../../exit-codes.ts';
import { Failure } from '../../failure.ts';
import { usage } from '../../read-options.ts';
import { sizeText } from '../../server/task-steps.ts';
import type { Tracker } from '../../uploads/trackers.ts';
import { tellOutcomes, uploadAll } from '../../uploads/upload-all.ts';
import { Uploader } from '../../uploads/uploader.ts';
import type { RepositoryFamily } from '../family.ts';
import { pathOf } from './common.ts';

const uploadOption: CommandOption = {
  value: 'ID',
  text: 'This upload, of those that `uploads list` lists; can be given more than once.',
  isRepeatable: true,
};

const kept =
  'They are remembered on this host, in the directory filesystem.upload_working_dir, for each server.';

export function uploadsCommands(family: RepositoryFamily): readonly Command[] {
  const types = family.units.flatMap(({ typeIds }) => typeIds);
  return types.length === 0
    ? []
    : [listOf(family, types), resumeOf(family, types), cancelOf(family, types)];
}

function listOf(family: RepositoryFamily, types: readonly string[]): Command {
  return {
    path: pathOf(family, 'uploads', 'list'),
    summary: 'lists the uploads that were begun and are not over',
    description: [kept],
    options: {},
    run: async (context) => {
      const uploader = new Uploader(context);
      const trackers = await uploader.underWay(types);
      if (trackers instanceof Failure) return trackers;
      const sizes: (number | undefined)[] = [];
      for (const tracker of trackers) {
        const size = await uploader.sizeOf(tracker);
        if (size instanceof Failure) return size;
        sizes.push(size);
      }
      const table = [
        { title: 'UPLOAD ID', cells: trackers.map(({ upload_id: id }) => id) },
        { title: 'REPOSITORY', cells: trackers.map(({ repository }) => repository) },
        { title: 'TYPE', cells: trackers.map(({ unit_type_id: type }) => type) },
        { title: 'SENT', cells: trackers.map((tracker, at) => sentText(tracker, sizes[at])) },
        { title: 'FILE', cells: trackers.map(({ file }) => file) },
      ];
      const body = trackers.map((tracker, at) => ({ ...tracker, sent: sizes[at] ?? null }));
      context.output.show({ title: 'Uploads', none: 'None.', content: { table } }, body);
      return undefined;
    },
  };
}

function sentText({ size, tasks }: Tracker, sent: number | undefined): string {
  if (tasks !== undefined) return 'being imported';
  if (sent === undefined) return 'the server has it no more';
  return `${sizeText(sent)} of ${sizeText(size)}`;
}

function resumeOf(family: RepositoryFamily, types: readonly string[]): Command {
  return {
    path: pathOf(family, 'uploads', 'resume'),
    summary: 'goes on with uploads that were broken off, from where the server has them on',
    description: [
      `${kept} A file that was changed meanwhile is refused; one that the server has given up is sent anew.`,
    ],
    options: {
      'upload-id': { ...uploadOption, text: `${uploadOption.text} All of them unless given.` },
      bg: backgroundOption,
    },
    run: async (context, given) => {
      const uploader = new Uploader(context);
      const trackers = await meant(uploader, types, given);
      if (trackers instanceof Failure) return trackers;
      const wanted = trackers.map((tracker) => ({
        file: tracker.file,
        begin: async () => tracker,
      }));
      const outcomes = await uploadAll(uploader, wanted, { isWaiting: !given.has('bg') });
      return tellOutcomes(context, outcomes, wanted.length);
    },
  };
}

function cancelOf(family: RepositoryFamily, types: readonly string[]): Command {
  const path = pathOf(family, 'uploads', 'cancel');
  return {
    path,
    summary: 'gives uploads up, here and at the server',
    options: {
      'upload-id': uploadOption,
      all: { text: 'All that `uploads list` lists.' },
    },
    run: async (context, given) => {
      if (given.has('all') === given.has('upload-id')) {
        throw usage(path, 'Cannot give uploads up: give either --upload-id or --all');
      }
      return cancel(context, given, types);
    },
  };
}

async function cancel(
  context: Context,
  given: Given,
  types: readonly string[],
): Promise<Failure | undefined> {
  const uploader = new Uploader(context);
  const trackers = await meant(uploader, types, given);
  if (trackers instanceof Failure) return trackers;
  for (const tracker of trackers) {
    const failure = await uploader.giveUp(tracker);
    if (failure !== undefined) return failure;
  }
  const ids = trackers.map(({ upload_id: id }) => id);
  context.output.done(`Given up: [${ids.join(', ')}]`, ids);
  return undefined;
}

/** Those that the line names, or all. */
async function meant(
  uploader: Uploader,
  types: readonly string[],
  given: Given,
): Promise<readonly Tracker[] | Failure> {
  const all = await uploader.underWay(types);
  const ids = given.all('upload-id');
  if (all instanceof Failure || ids.length === 0) return all;
  const unknown = ids.find((id) => !all.some(({ upload_id: own }) => own === id));
  if (unknown === undefined) return all.filter(({ upload_id: own }) => ids.includes(own));
  return new Failure({
    title: 'Not Found',
    lines: [`There is no upload ${JSON.stringify(unknown)} under way on this host.`],
    exitCode: exitCodes.data,
    kind: 'missing',
  });
}
