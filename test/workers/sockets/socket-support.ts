/** What tests of sockets have in common. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { ListenAddress } from '../../../src/listen-address.ts';
import { sameOwner } from '../../../src/workers/plan.ts';
import type { DirectoryAccess } from '../../../src/workers/sockets/socket-place.ts';
import { stop } from '../../support/processes.ts';

export const unix = (path: string): ListenAddress => ({ type: 'unix', path });

export const directoryAccess: DirectoryAccess = { mode: 0o755, owner: sameOwner };

/** Whether a client gets as far as the backlog. */
export async function connects(address: ListenAddress): Promise<boolean> {
  const socket =
    address.type === 'unix'
      ? connect(address.path)
      : connect({ host: address.host, port: address.port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

export interface Helper extends AsyncDisposable {
  readonly pid: number;
  kill(): Promise<void>;
}

/** A process that runs `code` as a module and says 'ready' over its channel. */
export async function startHelper(code: string): Promise<Helper> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return {
    pid: child.pid ?? 0,
    kill: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
    [Symbol.asyncDispose]: () => stop(child),
  };
}

/** The address of a module of ours, for {@link startHelper}. */
export function moduleOf(name: string): string {
  return new URL(`../../../src/workers/${name}`, import.meta.url).href;
}

/** Code that binds a unix socket as the primary does, says so and stays. */
export function bindingCode(path: string): string {
  return `const { bindSocket } = await import('${moduleOf('sockets/bind.ts')}');
    const owner = {};
    await bindSocket({
      address: { type: 'unix', path: '${path}' }, mode: 0o600, owner, directory: { mode: 0o755, owner },
    });
    process.send('ready');
    setInterval(() => {}, 1000);`;
}
