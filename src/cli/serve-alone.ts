/** `portcullis serve --single-process`: the main pool in this process, for a supervisor of several. */

import packageJson from '../../package.json' with { type: 'json' };
import { createApplication } from '../application.ts';
import type { Configuration } from '../config/configuration.ts';
import { processEnvironment } from '../config/environment.ts';
import type { RightConfiguration } from '../config/load.ts';
import { withPlaces } from '../config/problems.ts';
import { PortcullisError } from '../errors.ts';
import { takePlace } from '../instance/host.ts';
import { planOf } from '../instance/plan.ts';
import { resolveOwner } from '../workers/host/accounts.ts';
import type { InheritedSocket } from '../workers/messages.ts';
import { passedSockets } from '../workers/sockets/passed-sockets.ts';
import { assignPassed, plannedSockets } from '../workers/sockets/planned-sockets.ts';
import type { Arguments } from './command.ts';
import { requireConfiguration } from './configured.ts';
import type { EarlySignals } from './early-signals.ts';
import { openServerLog } from './server-log.ts';
import { onStop } from './stop-signals.ts';

/** @returns the exit status */
export async function serveAlone(args: Arguments, early: EarlySignals): Promise<number> {
  const loaded = await requireConfiguration(args);
  const { configuration, locate } = loaded;
  refuseWhatNeedsPrimary(configuration);
  await using opened = new AsyncDisposableStack();
  const place = await takePlace(configuration.process, opened);
  const { log, destination } = openServerLog(configuration.log, opened, place.owner);
  const sockets = inheritedSockets(loaded);
  const logLinesLost = (): number => destination.linesLost;
  const parts = { log, logLinesLost, ...(sockets && { sockets }) };
  const application = await withPlaces(locate, createApplication(configuration, parts));

  const begun = Promise.withResolvers<number>();
  const hurried = Promise.withResolvers<number>();
  const close = (code: number): Promise<number> =>
    Promise.race([application.close().then(() => code), hurried.promise]);
  opened.defer(async () => void (await close(0)));
  early.holdStops();
  await application.listen();
  place.settle((sentence) => log.warn(sentence));
  using _stop = onStop(log, (how, code) => {
    begun.resolve(code);
    if (how === 'interrupt') hurried.resolve(code);
  });
  process.on('SIGUSR1', () => destination.reopen());
  process.on('SIGHUP', () => log.warn('There is no primary that could reload; start it anew'));
  early.replay();
  log.info('ready', {
    addresses: application.addresses,
    version: packageJson.version,
    pid: process.pid,
    configuration: configuration.file,
  });
  const code = await close(await begun.promise);
  log.info('stopped');
  return code;
}

/**
 * What would silently not happen is refused; and so is another user: plugins are loaded before the
 * sockets are bound, and would be loaded as root.
 */
function refuseWhatNeedsPrimary({ pools, monitor, process: { user, group } }: Configuration): void {
  const settings = [
    ...(pools.length > 1 ? ['pools'] : []),
    ...(monitor.stats === undefined ? [] : ['monitor.stats']),
    ...(monitor.metrics === undefined ? [] : ['monitor.metrics']),
    ...(user === undefined ? [] : ['process.user']),
    ...(group === undefined ? [] : ['process.group']),
  ];
  if (settings.length === 0) return;
  throw new PortcullisError(
    'START_REFUSED',
    `Cannot use ${settings.join(', ')} in a single process: that needs a primary; leave it out, and let the supervisor start it as the user that it shall be, or leave out --single-process`,
  );
}

/** What a service manager has passed, if it has: then all listeners have to be among it. */
function inheritedSockets(loaded: RightConfiguration): readonly InheritedSocket[] | undefined {
  const passed = passedSockets(processEnvironment(), process.pid);
  if (passed.length === 0) return undefined;
  const { pools, ...plan } = planOf(loaded, resolveOwner);
  const main = pools.slice(0, 1).map((pool) => ({ ...pool, workers: 1 }));
  const planned = plannedSockets({ ...plan, pools: main });
  const assigned = assignPassed(passed, planned);
  return planned.flatMap(({ key, listener }) => {
    const socket = assigned.get(key);
    if (socket === undefined) return [];
    return [{ listener: listener.name, descriptor: socket.descriptor, address: socket.address }];
  });
}
