/**
 * The way that Portcullis has not taken: a primary that accepts each connection and deals it to its
 * workers in turn (node:cluster, SCHED_RR), with our uwsgi server in them.
 *
 * Arguments: the path of its socket, and the number of workers.
 */

import cluster from 'node:cluster';
import { createUwsgiServer } from '../src/uwsgi/server.ts';
import { listener } from './hand-over.ts';

const [path = '', workers = '1'] = process.argv.slice(2);

if (cluster.isPrimary) {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  for (let worker = 0; worker < Number(workers); worker += 1) cluster.fork();
  process.on('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGKILL');
    process.exit();
  });
} else {
  await createUwsgiServer({}, listener).listen({ path, backlog: 4096 });
}
