/** The commands of `portcullis-admin`, in the order of the manual. */

import type { Command } from './command.ts';
import { accessExplainCommands } from './commands/access-explain.ts';
import { accessLogCommands } from './commands/access-log.ts';
import { createCompletion } from './commands/completion.ts';
import { bindingCommands, createBindCommands } from './commands/consumer-bindings.ts';
import { consumerGroupCommands } from './commands/consumer-groups.ts';
import { consumerCommands } from './commands/consumers.ts';
import { denialCommands } from './commands/denials.ts';
import { eventListenerCommands } from './commands/event-listeners.ts';
import { linkCommands } from './commands/links.ts';
import { login } from './commands/login.ts';
import { logout } from './commands/logout.ts';
import { orphanCommands } from './commands/orphans.ts';
import { permissionCommands } from './commands/permissions.ts';
import { policyCommands } from './commands/policies.ts';
import { accessCommands } from './commands/policy-access.ts';
import { repositoryCommands } from './commands/repositories.ts';
import { repositoryGroupCommands } from './commands/repository-groups.ts';
import { repositoryHistoryCommands } from './commands/repository-history.ts';
import { repositoryTaskCommands } from './commands/repository-tasks.ts';
import { roleCommands } from './commands/roles.ts';
import { createScheduleCommands } from './commands/schedules.ts';
import { serverTypeCommands } from './commands/server-types.ts';
import { status } from './commands/status.ts';
import { taskCommands } from './commands/tasks.ts';
import { tokenCommands } from './commands/tokens.ts';
import { userCommands } from './commands/users.ts';
import { familyCommands, repositoryFamilies } from './families/family-commands.ts';

export const commands: readonly Command[] = [
  login,
  logout,
  status,
  ...userCommands,
  ...roleCommands,
  ...permissionCommands,
  ...denialCommands,
  ...tokenCommands,
  ...linkCommands,
  ...policyCommands,
  ...accessCommands,
  ...accessExplainCommands,
  ...accessLogCommands,
  ...familyCommands,
  ...repositoryFamilies.flatMap(createScheduleCommands),
  ...repositoryCommands,
  ...repositoryHistoryCommands,
  ...repositoryTaskCommands,
  ...repositoryGroupCommands,
  ...orphanCommands,
  ...serverTypeCommands,
  ...consumerCommands,
  ...bindingCommands,
  ...repositoryFamilies.flatMap(({ word, distributor }) => createBindCommands(word, distributor)),
  ...consumerGroupCommands,
  ...eventListenerCommands,
  ...taskCommands,
  createCompletion(() => commands),
];
