/** A server of HTTPS that answers as it is told, and remembers what it was asked. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { AdminSettings } from '../../src/admin/settings/settings.ts';
import { type CertificateOptions, type Credential, createPki, type Pki } from '../support/pki.ts';
import { unreachable } from './settings.ts';

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  /** The common name in the certificate of the client. */
  readonly certificate: string | undefined;
  readonly body: unknown;
}

export interface Told {
  readonly status: number;
  /** JSON, or a text as it is. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface AdminServer extends AsyncDisposable {
  readonly pki: Pki;
  readonly ca: Credential;
  readonly port: number;
  readonly asked: readonly Asked[];
  readonly settings: AdminSettings;
  /** Answers nothing at all with `silence`. */
  answer: (asked: Asked) => Told | 'silence';
}

/** @param options of its certificate, which is by its own CA */
export async function startAdminServer(options: CertificateOptions = {}): Promise<AdminServer> {
  const pki = createPki();
  const ca = await pki.authority({ subject: '/CN=test CA' });
  const { certificate: cert, key } = await pki.server(ca, options);
  const asked: Asked[] = [];
  const server = createServer({ cert, key, requestCert: true, rejectUnauthorized: false });
  server.on('request', async (request, response) => {
    const one = await read(request);
    asked.push(one);
    const told = running.answer(one);
    if (told !== 'silence') tell(response, told);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const running: AdminServer = {
    pki,
    ca,
    port,
    asked,
    settings: {
      ...unreachable,
      host: 'localhost',
      port,
      caPath: ca.certificatePath,
      sessionFile: pki.file('user-cert.pem'),
    },
    answer: () => ({ status: 200, body: null }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      pki[Symbol.dispose]();
    },
  };
  return running;
}

async function read(request: IncomingMessage): Promise<Asked> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  const { subject } = (request.socket as TLSSocket).getPeerCertificate() ?? {};
  return {
    method: request.method ?? '',
    url: request.url ?? '',
    authorization: request.headers.authorization,
    certificate: subject?.CN as string | undefined,
    body: text === '' ? undefined : JSON.parse(text),
  };
}

function tell(response: ServerResponse, { status, body, headers = {} }: Told): void {
  const type = typeof body === 'string' ? 'text/html' : 'application/json; charset=utf-8';
  response.writeHead(status, { 'Content-Type': type, ...headers });
  if (status === 204) response.end();
  else response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
