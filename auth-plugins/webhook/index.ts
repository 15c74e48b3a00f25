/**
 * `webhook: { url, format, send, certificates, tls, bearerFile, timeLimitSeconds, answerBytes, connections,
 * pending, breaker }`: an HTTP service of the operator's, or a policy endpoint as OPA's, decides.
 */

import {
  type AccessRequest,
  type AuthorizerPlugin,
  type CertificateVerifier,
  type Decision,
  type HttpClient,
  openAuthority,
} from 'portcullis/plugin';
import { readAnswer } from './answer.ts';
import { parseOptions, type WebhookOptions } from './options.ts';
import { describeRequest, encodeQuestion } from './question.ts';

export const plugin: AuthorizerPlugin<WebhookOptions> = {
  apiVersion: 1,
  name: 'webhook',
  summary: 'asks an HTTP service, or a policy endpoint, who may come in',
  parseOptions,

  async create(options, services) {
    const { url, limits, tls, bearerFile, breaker, certificates } = options;
    const opened =
      certificates &&
      (await openAuthority(certificates.authority, services, certificates.revocation));
    const client = await services.openHttpClient({ url, limits, tls, bearerFile, breaker });
    const rule: Rule = { options, client, verifier: opened?.verifier, service: withoutQuery(url) };
    return {
      authorize: (request, signal) => authorize(request, rule, signal),
      close: () => client[Symbol.dispose](),
    };
  },
};

interface Rule {
  readonly options: WebhookOptions;
  readonly client: HttpClient;
  readonly verifier: CertificateVerifier | undefined;
  /** For people; and before the names of its principals, which are its own (T07). */
  readonly service: string;
}

async function authorize(
  request: AccessRequest,
  { options, client, verifier, service }: Rule,
  signal: AbortSignal,
): Promise<Decision> {
  const { format, send } = options;
  const encoded = encodeQuestion(await describeRequest(request, send, verifier), format);
  if ('problem' in encoded) {
    // No denial, and no abstention: `not` would make a yes of it, of which the service knows nothing.
    throw new Error(`the service is not asked about the request: ${encoded.problem}`);
  }
  const question = { method: 'POST', headers, body: encoded.text } as const;
  const asked = await client.ask(question, (answer) => readAnswer(answer, format, service), signal);
  if ('value' in asked) return asked.value;
  throw new Error(`the service ${service} cannot be gone by: ${asked.problem}`);
}

const headers = { 'content-type': 'application/json', accept: 'application/json' } as const;

/** A key of the service may stand in the query. */
function withoutQuery(url: string): string {
  return url.replace(/\?.*$/, '');
}
