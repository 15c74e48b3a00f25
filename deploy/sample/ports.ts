/** Finds where the sample can listen. */

import { once } from 'node:events';
import { createServer } from 'node:net';

export const loopback = '127.0.0.1';
const preferredPort = 8443;

/** The preferred port, or any other when it is taken. */
export async function choosePort(): Promise<number> {
  if (await isFree(preferredPort)) return preferredPort;
  return (await tryListen(0)) ?? preferredPort;
}

export async function isFree(port: number): Promise<boolean> {
  return (await tryListen(port)) !== undefined;
}

async function tryListen(port: number): Promise<number | undefined> {
  const server = createServer().listen(port, loopback);
  try {
    await once(server, 'listening');
  } catch {
    return undefined;
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? address?.port : undefined;
}

/** The server's certificate names localhost and 127.0.0.1. */
export function urlOf(port: number): string {
  return `https://localhost:${port}`;
}
