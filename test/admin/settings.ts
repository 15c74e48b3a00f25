/** Settings for commands that call nobody, and to make others of. */

import type { AdminSettings } from '../../src/admin/settings/settings.ts';

/** Nothing listens at port 1 of the loopback address. */
export const unreachable: AdminSettings = {
  host: '127.0.0.1',
  port: 1,
  apiPrefix: '/pulp/api',
  verifyTls: true,
  caPath: undefined,
  sessionFile: '/nonexistent/user-cert.pem',
  uploadDirectory: '/nonexistent/uploads',
  uploadChunkBytes: 1_048_576,
  username: undefined,
  password: undefined,
  namesProxy: false,
};
