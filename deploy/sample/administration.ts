/** What to try with portcullis-admin: in this order, for each line builds on those before it. */

import { administrator } from './administrator.ts';
import type { ClientCommands, Trial } from './instructions.ts';
import { publishingTrials } from './publishing.ts';

const admin = 'npm run --silent portcullis-admin -- --config var/admin.conf';
const user = 'alice';
/** The role that the configuration lets in. */
const role = 'customers';

export function administrationTrials({
  status,
  explain,
  dnf,
  url,
  isRoot,
}: ClientCommands): readonly Trial[] {
  const metadata = `${url}/pulp/repos/customers/sample/repodata/repomd.xml`;
  return [
    { says: 'Is the server at work? portcullis-admin asks its API', command: `${admin} status` },
    {
      says: 'The administrator logs in, and gets a session for 7 days, in var/user-cert.pem',
      command: `${admin} -u ${administrator} login < var/admin.password`,
    },
    { says: 'Who are the users?', command: `${admin} auth user list` },
    {
      says: `The administrator makes a user, ${user}`,
      command: `${admin} auth user create --login ${user} < var/${user}.password`,
    },
    {
      says: 'and a role, which var/portcullis.yaml lets in',
      command: `${admin} auth role create --role-id ${role}`,
    },
    {
      says: `and gives it to ${user}`,
      command: `${admin} auth role user add --role-id ${role} --login ${user}`,
    },
    {
      says: `A second later ${user} is let in`,
      command: `sleep 1; ${status} --user "${user}:$(cat var/${user}.password)" ${metadata}`,
    },
    {
      says: 'and so is the administrator, by the session',
      command: `${status} --cert var/user-cert.pem ${metadata}`,
    },
    ...publishingTrials({ admin, explain, dnf, status, url, isRoot }),
    { says: 'The session ends', command: `${admin} logout` },
  ];
}
