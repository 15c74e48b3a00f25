/** docs/admin.md, from the words of the commands and the declarations of the settings. */

import { globalOptions } from '../../src/admin/arguments.ts';
import { certificateFileBytesMax } from '../../src/admin/certificate-file.ts';
import type { Command, CommandOption } from '../../src/admin/command.ts';
import { commands } from '../../src/admin/commands.ts';
import { exitStatusTexts } from '../../src/admin/exit-codes.ts';
import { configFileBytesMax } from '../../src/admin/families/config-options.ts';
import { csvBytesMax } from '../../src/admin/families/erratum-upload.ts';
import { optionTerm, synopsisOf } from '../../src/admin/help.ts';
import { cellCharactersMax } from '../../src/admin/present/text.ts';
import { callMsMax, connectMsMax, responseBytesMax } from '../../src/admin/server/exchange.ts';
import { followedTasksMax } from '../../src/admin/server/follow-tasks.ts';
import { sessionBytesMax } from '../../src/admin/session.ts';
import { settingsBytesMax } from '../../src/admin/settings/load.ts';
import { adminSettings } from '../../src/admin/settings/settings.ts';
import { sendPausesMs } from '../../src/admin/uploads/send-file.ts';
import { trackerBytesMax } from '../../src/admin/uploads/trackers.ts';
import { secretBytesMax } from '../../src/terminal/prompt.ts';
import { capitalise, code, generatedNote, table } from './markdown.ts';

export function adminPage(): string {
  return `# portcullis-admin

${generatedNote}

${introduction}

## Options of every command

${optionTable(globalOptions)}

Where a command has an option of the same name, that one is meant behind its words; ${code('-u')} and
${code('-p')} before them are always those of the user who calls.

${settingsSection()}

## Exit status

As of pulp-admin, but for 66, which is ours.

${table(
  ['Exit status', 'Meaning'],
  exitStatusTexts.map(([status, text]) => [String(status), text]),
)}

${limitsSection()}

${otherwise}

## Commands

${contents()}

${commands.map(commandSection).join('\n\n')}
`;
}

const introduction = `Administers a server over its [API](api.md), with the commands, options and exit codes that users of
pulp-admin know. It reads their file, ${code('~/.pulp/admin.conf')}, as it is.

\`\`\`sh
portcullis-admin -u admin login
portcullis-admin auth user create --login joe
portcullis-admin auth permission grant --resource /v2/tasks/ --login joe -o READ
portcullis-admin token create --customer acme --downloads 100 > acme-token
portcullis-admin --json tasks list | jq -r '.[].task_id'
portcullis-admin rpm repo create --repo-id acme-el9 --auth-ca customers-ca.pem
portcullis-admin rpm repo uploads rpm --repo-id acme-el9 --dir ./packages --skip-existing
portcullis-admin rpm repo publish run --repo-id acme-el9
portcullis-admin logout
\`\`\`

**Who calls.** A user whom ${code('-u')} names, or whom the settings name with a password, calls by the
password, and the session certificate is not even offered. Everybody else calls by the session certificate
that ${code('login')} has kept in ${code('~/.pulp/user-cert.pem')}, readable by its owner alone, for as long
as it is good. Both work with the server directly and behind a front, which has to pass the header
${code('Authorization')} and the client certificate on and must not insist on one.

**Passwords** are asked for without showing them. Without a terminal, the first line of the standard input is
the password. One given as ${code('-p')} stands in the history of the shell, and in the list of processes until
the program has started. A file with a password in it is refused when others may read it.

**The server is verified** by ${code('ca_path')} before anything is sent to it. Redirects are not followed.
Proxies are not used.

**Output** is a table for people, ${code('--details')} and ${code('--fields')} show one field a line, as
pulp-admin does, and ${code('--json')} is what the server answered. Failures are told on the standard error,
with what to do next. A secret of a token and a link stand alone on the standard output, and what is to be known of
them is told on the standard error. Nothing that the server sends can drive the terminal: control characters are shown as
their escapes, in JSON too.

**Work of the server** is waited for, with bars on the standard error that tell how far it is; lines, where that is no
terminal. Ctrl+C leaves the work to the server, and so does ${code('--bg')} from the start. The exit status tells how the
work ended.

**Uploads** are sent in pieces, and what was sent is remembered in ${code('filesystem.upload_working_dir')}: the
command ${code('uploads resume')} goes on from where the server is, after a kill or a restart of either side.

## On the path

Beside [Portcullis itself](installation.md#the-program), or in a checkout on another host; ${code('npm run portcullis-admin --')}
stands for it there. It writes the completion of bash and zsh itself.

\`\`\`sh
cat > /usr/local/bin/portcullis-admin <<'END'
#!/bin/sh
exec /opt/portcullis/node_modules/.bin/node /opt/portcullis/src/admin/main.ts "$@"
END
chmod 755 /usr/local/bin/portcullis-admin
portcullis-admin completion bash > /usr/share/bash-completion/completions/portcullis-admin
\`\`\``;

function settingsSection(): string {
  const rows = Object.entries(adminSettings).map(([name, { text, default: preset }]) => {
    const [section = '', key = ''] = name.split('.');
    const value = preset === '' ? 'none' : /^[\w/~.-]+$/.test(preset) ? code(preset) : preset;
    return [code(`[${section}]`), code(key), value, text];
  });
  return `## Settings

Each of these files that is there is read, in this order; what a later one says counts:

1. ${code('/etc/pulp/admin/admin.conf')} and ${code('/etc/pulp/admin/conf.d/*.conf')}, of pulp-admin
2. ${code('/etc/portcullis/admin.conf')}
3. ${code('~/.pulp/admin.conf')}, of pulp-admin
4. ${code('~/.pulp/portcullis-admin.conf')}

${code('--config FILE')} names one to read in place of them all. Keys of pulp-admin that mean nothing here are
passed over; in the two files that are ours, a key that does not exist is a mistake.

\`\`\`ini
[server]
host: pulp.example.com
ca_path: /etc/pki/tls/certs/example-ca.pem
\`\`\`

${table(['Section', 'Key', 'Default', 'Meaning'], rows)}`;
}

function limitsSection(): string {
  return `## Limits

${table(
  ['Limit', 'Value'],
  [
    ['A connection with its TLS handshake', `${connectMsMax / 1000} s`],
    ['A call until its answer is whole', `${callMsMax / 1000} s, as of pulp-admin`],
    ['An answer', `${responseBytesMax / 2 ** 20} MiB`],
    ['A file of settings', `${settingsBytesMax / 2 ** 20} MiB`],
    ['A session certificate with its key', `${sessionBytesMax / 2 ** 10} KiB`],
    ['The file of a certificate to deny, or of its CA', `${certificateFileBytesMax / 2 ** 10} KiB`],
    ['A file that an option of a repository names', `${configFileBytesMax / 2 ** 10} KiB`],
    ['A list of packages or references of an erratum', `${csvBytesMax / 2 ** 20} MiB`],
    ['What is remembered of an upload', `${trackerBytesMax / 2 ** 20} MiB`],
    [
      'Tries of a piece of an upload, without a byte that arrives',
      `${sendPausesMs.length + 1}, in ${sendPausesMs.reduce((sum, ms) => sum + ms) / 1000} s`,
    ],
    ['Tasks that a command waits for', `${followedTasksMax}`],
    ['A password that is typed or read', `${secretBytesMax} bytes`],
    ['A cell of a table; what is over it is cut', `${cellCharactersMax} characters`],
  ],
)}`;
}

const otherwise = `## Otherwise than pulp-admin

* ${code('logout')} ends the session at the server as well, so that a copy of its certificate is worth
  nothing; ${code('logout -u NAME')} ends all sessions of that user.
* Lists are tables; ${code('--details')} shows what pulp-admin shows.
* ${code('auth user disable')} and ${code('enable')}, ${code('auth denial')}, ${code('token')}, ${code('link')},
  ${code('policy')}, ${code('access')}, ${code('tasks search')}, ${code('completion')} and ${code('help COMMAND')} are ours.
* ${code('consumer register')} and ${code('consumer renew')} hand out the key of a consumer; here they stand for pulp-consumer.
  ${code('consumer group')}, ${code('repo group distributor')} and ${code('repo group publish')} are ours as well.
* ${code('deb repo')}, ${code('directory repo')}, ${code('publications')}, ${code('rollback')}, ${code('client-config')}, and
  ${code('--public')}, ${code('--policy')} and ${code('--access')} of ${code('create')} are ours. ${code('uploads cancel')} gives up all
  only with ${code('--all')}. ${code('--skip-existing')} goes by the SHA-256 of files, ${code('export')} is not there.
* ${code('repo group members add')} and ${code('remove')} mean all only with ${code('--all')}.
* Consumers have no agents: commands that had them install something, and ${code('bindings unconfirmed')}, are not there.
  Listeners to events are ${code('http')} and ${code('log')}.`;

/** Each section and command once, as in the program's own map. */
function contents(): string {
  return commands
    .map((command) => {
      const name = command.path.join(' ');
      return `- [${code(name)}](#${anchorOf(command)}) ${command.summary}`;
    })
    .join('\n');
}

function anchorOf({ path }: Command): string {
  return path.join('-');
}

function commandSection(command: Command): string {
  const { path, summary, description = [], options } = command;
  const texts = [
    `${capitalise(summary)}.`,
    `\`\`\`\n${synopsisOf(command)}\n\`\`\``,
    ...description,
  ];
  const own = Object.keys(options).length === 0 ? [] : [optionTable(options)];
  return [`### ${path.join(' ')}`, ...texts, ...own].join('\n\n');
}

function optionTable(options: Readonly<Record<string, CommandOption>>): string {
  const rows = Object.entries(options).map(([name, option]) => [
    code(optionTerm(name, option)),
    option.text,
  ]);
  return table(['Option', 'Meaning'], rows);
}
