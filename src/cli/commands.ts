/** The commands of `portcullis`, in the order of the manual. */

import type { Command } from './command.ts';
import { check } from './commands/check.ts';
import { createAdmin } from './commands/create-admin.ts';
import { emperor } from './commands/emperor.ts';
import { explain } from './commands/explain.ts';
import { hashPasswordCommand } from './commands/hash-password.ts';
import { importPulp2 } from './commands/import-pulp2.ts';
import { importPulp2Users } from './commands/import-pulp2-users.ts';
import { nginxConfig } from './commands/nginx-config.ts';
import { serve } from './commands/serve.ts';
import { signUrlCommand } from './commands/sign-url.ts';
import { status } from './commands/status.ts';
import { verify } from './commands/verify.ts';

export const commands: readonly Command[] = [
  serve,
  status,
  emperor,
  check,
  explain,
  createAdmin,
  hashPasswordCommand,
  signUrlCommand,
  nginxConfig,
  importPulp2,
  importPulp2Users,
  verify,
];
