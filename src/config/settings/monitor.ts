/** Where a running Portcullis tells what it is doing. */

import { listenAddress } from '../kinds/network.ts';
import { group, optionalGroup, setting } from '../setting.ts';
import { socketAccess } from './sockets.ts';

export const monitorGroup = group('Where a running Portcullis tells what it is doing.', {
  stats: optionalGroup(
    "The statistics in uWSGI's JSON, for uwsgitop and `portcullis status`: one document for each connection.",
    {
      address: setting(listenAddress, {
        description: 'Where its readers connect.',
        default: 'unix:/run/portcullis/stats.sock',
        example: 'unix:/run/portcullis/stats.sock',
      }),
      ...socketAccess('who may write to it reads what runs'),
    },
  ),
  metrics: optionalGroup(
    "The metrics in Prometheus' text format (/metrics), and the checks of load balancers (/healthz, /readyz), over HTTP without authentication.",
    {
      address: setting(listenAddress, {
        description: 'Where its readers connect.',
        default: '127.0.0.1:9464',
        example: '127.0.0.1:9464',
      }),
    },
  ),
});
