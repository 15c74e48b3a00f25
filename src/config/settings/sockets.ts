/** Settings that listeners have in common. */

import { account } from '../kinds/accounts.ts';
import { fileMode } from '../kinds/files.ts';
import { oneOf } from '../kinds/scalars.ts';
import { optionalSetting, setting } from '../setting.ts';

/**
 * Who may connect to a unix socket.
 *
 * @param power what that means, as "who may write to it can say who a client is"
 */
export function socketAccess(power: string) {
  return {
    mode: setting(fileMode, {
      description: `Permission bits of the unix socket: ${power}.`,
      default: '0660',
      example: '0660',
    }),
    owner: optionalSetting(account, {
      description: 'The owner of the unix socket; left out, process.user, else who made it.',
      example: 'portcullis',
    }),
    group: optionalSetting(account, {
      description:
        'The group of the unix socket; left out, that of process.user and process.group, else of who made it.',
      example: 'nginx',
    }),
  };
}

/** Whether the workers of a pool accept from one socket. */
export const sockets = setting(oneOf(['shared', 'worker']), {
  description:
    'Whether all workers of the pool accept from one socket (shared), or each from its own (worker): content.sock then becomes content-1.sock, content-2.sock …, and a port grows by one.',
  default: 'shared',
  example: 'worker',
});
