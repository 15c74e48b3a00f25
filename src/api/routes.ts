/** Every route of the API, in the order in which paths are looked at. */

import { z } from 'zod';
import { createAllConsumerRoutes } from './consumers/routes.ts';
import { describeApi } from './openapi.ts';
import { ok } from './outcome.ts';
import type { ApiParts } from './parts.ts';
import { type Route, route } from './route.ts';
import { createActionRoutes } from './routes/actions.ts';
import { createClientConfigRoutes } from './routes/client-config.ts';
import { createDecisionRoutes } from './routes/decisions.ts';
import { createDeniedCertificateRoutes } from './routes/denied-certificates.ts';
import { createDistributorRoutes } from './routes/distributors.ts';
import { createEventRoutes } from './routes/events.ts';
import { createExplainRoutes } from './routes/explain.ts';
import { createGroupDistributorRoutes } from './routes/group-distributors.ts';
import { createImporterRoutes } from './routes/importers.ts';
import { createLeftOutRoutes } from './routes/left-out.ts';
import { createOrphanRoutes } from './routes/orphans.ts';
import { createPermissionRoutes } from './routes/permissions.ts';
import { createPluginListRoutes } from './routes/plugin-lists.ts';
import { createPolicyRoutes } from './routes/policies.ts';
import { createAccessRoutes } from './routes/policies-access.ts';
import { createPreviewRoutes } from './routes/policies-preview.ts';
import { createRepositoryRoutes } from './routes/repositories.ts';
import { createRepositoryActionRoutes } from './routes/repository-actions.ts';
import { createRepositoryGroupRoutes } from './routes/repository-groups.ts';
import { createHistoryRoutes } from './routes/repository-history.ts';
import { createPartSearchRoutes } from './routes/repository-part-search.ts';
import { createRepositoryUnitRoutes } from './routes/repository-units.ts';
import { createRoleRoutes } from './routes/roles.ts';
import { createScheduleRoutes } from './routes/schedules.ts';
import { createSignedLinkRoutes } from './routes/signed-links.ts';
import { createStatusRoutes } from './routes/status.ts';
import { createTaskRoutes } from './routes/tasks.ts';
import { createTokenRoutes } from './routes/tokens.ts';
import { createUnitActionRoutes } from './routes/unit-actions.ts';
import { createUnitRoutes } from './routes/units.ts';
import { createUploadRoutes } from './routes/uploads.ts';
import { createUsageRoutes } from './routes/usage.ts';
import { createUserRoutes } from './routes/users.ts';

export function createRoutes(parts: ApiParts): readonly Route[] {
  const routes: readonly Route[] = [
    ...createStatusRoutes(parts),
    ...createActionRoutes(parts),
    ...createUserRoutes(parts),
    ...createRoleRoutes(parts),
    ...createPermissionRoutes(parts),
    ...createDeniedCertificateRoutes(parts),
    ...createPolicyRoutes(parts),
    ...createAccessRoutes(parts),
    ...createPreviewRoutes(parts),
    ...createTokenRoutes(parts),
    ...createSignedLinkRoutes(parts),
    ...createExplainRoutes(parts),
    ...createDecisionRoutes(parts),
    ...createUsageRoutes(parts),
    ...createTaskRoutes(parts),
    ...createUnitRoutes(parts),
    ...createRepositoryUnitRoutes(parts),
    ...createOrphanRoutes(parts),
    ...createUploadRoutes(parts),
    ...createUnitActionRoutes(parts),
    ...createRepositoryRoutes(parts),
    ...createImporterRoutes(parts),
    ...createDistributorRoutes(parts),
    ...createClientConfigRoutes(parts),
    ...createRepositoryActionRoutes(parts),
    ...createHistoryRoutes(parts),
    ...createScheduleRoutes(parts),
    ...createRepositoryGroupRoutes(parts),
    ...createGroupDistributorRoutes(parts),
    ...createPartSearchRoutes(parts),
    ...createPluginListRoutes(),
    ...createEventRoutes(parts),
    ...createAllConsumerRoutes(parts),
    ...createLeftOutRoutes(),
  ];
  const all: readonly Route[] = [...routes, openApiRoute(() => all)];
  return all;
}

/** What the document says of itself is in it as well. Nobody is asked who they are: it is made once. */
function openApiRoute(routes: () => readonly Route[]): Route {
  let document: ReturnType<typeof describeApi> | undefined;
  return route({
    method: 'GET',
    path: '/v2/openapi/',
    operation: 'none',
    summary: 'This document, in OpenAPI 3.1',
    answer: { status: 200, schema: z.record(z.string(), z.unknown()) },
    handle: async () => {
      document ??= describeApi(routes());
      return ok(document);
    },
  });
}
