/** Where `portcullis serve` has its configuration from: the command line's file, or an emperor. */

import { processEnvironment } from '../config/environment.ts';
import {
  type LoadedConfiguration,
  loadConfiguration,
  type RightConfiguration,
  requireRight,
} from '../config/load.ts';
import { openVassalChannel, type VassalChannel } from '../emperor/vassal-channel.ts';
import type { Instance } from '../instance/instance.ts';
import { describeFailure } from '../terminal/output.ts';
import type { ReloadOutcome } from '../workers/primary-types.ts';
import type { Arguments } from './command.ts';
import { loadFor, requireConfiguration } from './configured.ts';

export interface ServeSource extends Disposable {
  /** The name that the emperor gives the instance; undefined where there is none. */
  readonly vassal: string | undefined;
  /** @throws ConfigurationProblems, each with its place */
  first(): Promise<RightConfiguration>;
  /** As it is by now, for a reload. */
  again(): Promise<LoadedConfiguration>;
  /** Lets the emperor reload and end the instance; nothing where there is none. */
  follow(instance: Instance): void;
  ready(addresses: readonly string[], stopSeconds: number): void;
  failed(error: unknown): void;
}

export async function openSource(args: Arguments): Promise<ServeSource> {
  return args.options.has('vassal')
    ? emperorSource(await openVassalChannel(), args)
    : fileSource(args);
}

function fileSource(args: Arguments): ServeSource {
  return {
    vassal: undefined,
    first: () => requireConfiguration(args),
    again: () => loadFor(args),
    follow: () => {},
    ready: () => {},
    failed: () => {},
    [Symbol.dispose]: () => {},
  };
}

function emperorSource(channel: VassalChannel, { settings }: Arguments): ServeSource {
  const { name, file } = channel.start;
  const environment = processEnvironment();
  const load = (text: string) => loadConfiguration({ file, text, environment, flags: settings });
  let newest = channel.start.text;
  return {
    vassal: name,
    first: async () => requireRight(await load(newest)),
    again: () => load(newest),
    follow: (instance) => {
      const reload = async (id: number, text: string): Promise<void> => {
        newest = text;
        const outcome = await instance.reload(() => load(text));
        channel.reloaded(id, reasonOf(outcome));
      };
      channel.onOrphaned(() => instance.primary.interrupt());
      channel.onReload((id, text) => void reload(id, text));
    },
    ready: (addresses, stopSeconds) => channel.ready(addresses, stopSeconds),
    failed: (error) => channel.failed(describeFailure(error).text),
    [Symbol.dispose]: () => channel[Symbol.dispose](),
  };
}

/** Why a reload is not done; undefined when it is. */
function reasonOf(outcome: ReloadOutcome): string | undefined {
  switch (outcome.outcome) {
    case 'done':
      return undefined;
    case 'refused':
      return outcome.reason;
    case 'superseded':
      return 'a newer reload has taken its place';
  }
}
