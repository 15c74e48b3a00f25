/** The stats server of an emperor. */

import packageJson from '../../package.json' with { type: 'json' };
import type { Emperor } from '../emperor/emperor.ts';
import { emperorStats } from '../emperor/emperor-stats.ts';
import { messageOf } from '../errors.ts';
import type { ListenAddress } from '../listen-address.ts';
import type { Logger } from '../log.ts';
import { createStatsServer } from '../metrics/stats-server.ts';
import { listenOn } from '../workers/sockets/listen-on.ts';

/** It tells of the vassals of all users: for the emperor's own user. */
const mode = 0o600;

/** @throws PortcullisError LISTEN_FAILED */
export async function serveEmperorStats(
  address: ListenAddress,
  emperor: Emperor,
  log: Logger,
): Promise<AsyncDisposable> {
  const { pid, cwd, getuid, getgid } = process;
  const { version } = packageJson;
  const identity = { version, pid, uid: getuid?.() ?? 0, gid: getgid?.() ?? 0, cwd: cwd() };
  const server = createStatsServer({
    document: () => emperorStats(identity, emperor.status),
    onFault: (error) => log.warn('The stats server failed', { reason: messageOf(error) }),
  });
  await listenOn((options) => server.listen(options), address, mode);
  return { [Symbol.asyncDispose]: () => server.close() };
}
