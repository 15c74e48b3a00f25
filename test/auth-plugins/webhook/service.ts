/** A rule `webhook` and the service that it asks. */

import assert from 'node:assert/strict';
import { plugin } from '../../../auth-plugins/webhook/index.ts';
import type { AccessRequest, Authorizer, Decision } from '../../../src/plugin.ts';
import { type AnsweringServer, startAnsweringServer } from '../../support/answering-server.ts';
import { accessRequest } from '../../support/evidence.ts';
import { testServices } from '../../support/services.ts';

export interface Service extends AnsweringServer {
  /** Answers with JSON from now on. */
  say(answer: unknown): void;
  /** What it was told last. */
  told(): Promise<Record<string, unknown>>;
}

export async function startService(): Promise<Service> {
  const server = await startAnsweringServer();
  const service: Service = {
    ...server,
    say: (answer) => {
      server.answer((_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(answer));
      });
    },
    told: async () => JSON.parse(String(await server.requests.at(-1)?.body)),
  };
  service.say({ allow: true });
  return service;
}

export interface Webhook extends AsyncDisposable {
  readonly rule: Authorizer;
  decide(request?: Partial<AccessRequest>, signal?: AbortSignal): Promise<Decision>;
  /** It cannot tell, and says why. */
  faults(expected: RegExp): Promise<void>;
}

/** @param directory where relative paths start */
export async function openWebhook(
  { url }: Pick<Service, 'url'>,
  options: object = {},
  directory = '/',
): Promise<Webhook> {
  const services = testServices(directory);
  const rule = await plugin.create(
    plugin.parseOptions({ url, timeLimitSeconds: 30, ...options }),
    services,
  );
  const never = new AbortController().signal;
  const decide = async (request: Partial<AccessRequest> = {}, signal = never) =>
    rule.authorize(accessRequest(request), signal);
  return {
    rule,
    decide,
    faults: async (expected) => {
      const failure = await decide().then(JSON.stringify, (error: Error) => error);
      assert.ok(failure instanceof Error, String(failure));
      assert.match(failure.message, expected);
    },
    [Symbol.asyncDispose]: async () => {
      await rule.close?.();
      await services.revocation[Symbol.asyncDispose]();
    },
  };
}
