/** The work of the role `api`: the REST API over the store, with the CA that signs its sessions. */

import { PluginShelf } from '../access/plugin-shelf.ts';
import { createApi } from '../api/api.ts';
import { bodyLimits } from '../api/body.ts';
import type { ApiParts } from '../api/parts.ts';
import { openPeople } from '../api/people/people.ts';
import type { Places } from '../api/places.ts';
import { messageOf } from '../errors.ts';
import { PasswordHasher } from '../identity/password-hasher.ts';
import { openSessionAuthority } from '../identity/session-authority.ts';
import { openSessionVerifier } from '../identity/session-verifier.ts';
import type { Problem } from '../model.ts';
import { PolicyAdministration } from '../policies/administration.ts';
import { StoredPolicies } from '../policies/stored-policies.ts';
import { Distributions } from '../repositories/distributions.ts';
import { createTaskQueue } from '../tasks/create-queue.ts';
import { Tokens } from '../tokens/tokens.ts';
import { createApiPlay, createApiPreview } from './api-play.ts';
import { openFrontFacts } from './front-facts.ts';
import { createLateStorage } from './late-storage.ts';
import { openLinkSigner } from './link-signer.ts';
import { publishedPlaces } from './published-places.ts';
import { createVigil } from './vigil.ts';
import type { RoleWork, WorkParts } from './work.ts';

export async function openApiWork(parts: WorkParts): Promise<RoleWork> {
  const { configuration, controlPlane, log, now } = parts;
  const { sessionCertificate, sessionSeconds, bodyBytes, consumerCertificateSeconds } =
    configuration.api;
  const session = await openSessions(parts);
  if ('problem' in session) return { certificates: [], problems: [session.problem] };
  const store = await controlPlane.store();
  const published = new Distributions(store, now);
  const links = await openLinkSigner(configuration, now, published);
  if (links !== undefined && 'problem' in links) {
    return { certificates: [], problems: [links.problem] };
  }
  const front = await openFrontFacts(configuration);
  if ('problem' in front) return { certificates: [], problems: [front.problem] };
  const people = openPeople(store, now);
  const apiParts: Omit<ApiParts, 'readEvidence'> = {
    store,
    people,
    storage: createLateStorage(configuration.storage),
    tasks: createTaskQueue(store, { now }),
    policies: new PolicyAdministration({
      stored: new StoredPolicies(store, now),
      configuration,
      shelf: new PluginShelf(configuration.plugins, configuration.baseDirectory),
      published: publishedPlaces(published),
    }),
    tokens: new Tokens(store, now),
    passwords: new PasswordHasher({ queue: controlPlane.hashing }),
    attempts: controlPlane.attempts,
    ...session,
    sessionSeconds,
    consumerCertificateSeconds,
    front,
    places: placesOf(configuration),
    links,
    play: createApiPlay(parts),
    preview: createApiPreview(parts),
    keepsDecisions: configuration.audit.inStore,
    log,
    now,
    limits: { ...bodyLimits, bytesMax: bodyBytes },
  };
  return {
    serve: (readEvidence) => createApi({ ...apiParts, readEvidence }),
    background: createVigil({ superUsers: people.superUsers, log }),
    certificates: [{ name: 'api.sessionCertificate', file: sessionCertificate }],
    problems: [],
  };
}

function placesOf({ content, nginx, distributions }: WorkParts['configuration']): Places {
  const { origin = `https://${nginx.serverName}`, repositoryPrefix, isoPrefix } = content;
  return {
    origin,
    prefixes: { repos: repositoryPrefix, isos: isoPrefix },
    keyPrefix: content.keyPrefix,
    configured: content.prefixes.flatMap((prefix) =>
      distributions.map(({ relativeUrl }) => prefix + relativeUrl),
    ),
  };
}

type Sessions = Pick<ApiParts, 'sessionAuthority' | 'sessionVerifier'>;

/** Nobody but this role reads the key. */
async function openSessions({
  configuration: { api },
  log,
  now,
}: WorkParts): Promise<Sessions | { readonly problem: Problem }> {
  const files = { certificateFile: api.sessionCertificate, keyFile: api.sessionKey };
  try {
    return {
      sessionAuthority: await openSessionAuthority(files, { now, log }),
      sessionVerifier: await openSessionVerifier(api.sessionCertificate, { now, log }),
    };
  } catch (error) {
    return { problem: { at: 'api.sessionKey', message: messageOf(error) } };
  }
}
