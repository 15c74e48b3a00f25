/** An erratum, out of the options of pulp-admin: no file of it is uploaded. */

import { readTextFile } from '../../identity/read-file.ts';
import type { CommandOption, Given } from '../command.ts';
import { usage } from '../read-options.ts';
import type { MetadataUpload } from './unit-upload.ts';

/** The longest list of packages or references, in bytes. */
export const csvBytesMax = 1024 * 1024;

/** Options whose text is a field as it stands, by the field. */
const textOptions: Readonly<Record<string, CommandOption>> = {
  title: { value: 'TEXT', text: 'What it is about, in a line.', isRequired: true },
  description: { value: 'TEXT', text: 'What it is about.', isRequired: true },
  version: { value: 'TEXT', text: 'Its version, as 1.', isRequired: true },
  release: { value: 'TEXT', text: 'Its release, as el9.', isRequired: true },
  type: { value: 'TEXT', text: 'security, bugfix or enhancement.', isRequired: true },
  status: { value: 'TEXT', text: 'As final.', isRequired: true },
  updated: {
    value: 'TIME',
    text: 'When it was changed, as "2026-11-21 00:00:00".',
    isRequired: true,
  },
  issued: { value: 'TIME', text: 'When it came out.', isRequired: true },
  severity: { value: 'TEXT', text: 'As Important.' },
  summary: { value: 'TEXT', text: 'A summary.' },
  solution: { value: 'TEXT', text: 'What is to be done.' },
  rights: { value: 'TEXT', text: 'Whose it is.' },
  pushcount: { value: 'NUMBER', text: 'How often it was pushed.' },
};

export const erratumUpload: MetadataUpload = {
  kind: 'metadata',
  options: {
    'erratum-id': { value: 'ID', text: 'The id of the erratum.', isRequired: true },
    ...textOptions,
    from: { value: 'TEXT', text: 'Who tells of it, as an address of mail.', isRequired: true },
    'pkglist-csv': {
      value: 'FILE',
      text: 'Its packages, a line each: name,version,release,epoch,arch,filename,sum type,sum,source package.',
      isRequired: true,
    },
    'reference-csv': {
      value: 'FILE',
      text: 'What it refers to, a line each: href,type,id,title, as https://bugs.example.com/1,bugzilla,1,Bug 1.',
    },
    'reboot-suggested': { text: 'The host should be started anew after it.' },
    'restart-suggested': { text: 'What is updated should be started anew after it.' },
    'relogin-suggested': { text: 'Users should log in anew after it.' },
  },
  read: async (given, path) => {
    const id = given.required('erratum-id');
    const texts = Object.keys(textOptions)
      .filter((name) => given.has(name))
      .map((name) => [name, given.one(name)]);
    const references = given.one('reference-csv');
    return {
      unitKey: { id },
      unitMetadata: {
        ...Object.fromEntries(texts),
        from: given.required('from'),
        reboot_suggested: given.has('reboot-suggested'),
        restart_suggested: given.has('restart-suggested'),
        relogin_suggested: given.has('relogin-suggested'),
        pkglist: await packagesOf(given, path),
        references:
          references === undefined ? [] : await rowsOf('reference-csv', references, refNames, path),
      },
    };
  },
};

const refNames = ['href', 'type', 'id', 'title'] as const;

const packageNames = [
  ...['name', 'version', 'release', 'epoch', 'arch', 'filename'],
  ...['sumtype', 'checksum', 'src'],
] as const;

/** One collection, as pulp-admin makes it. */
async function packagesOf(given: Given, path: readonly string[]): Promise<readonly unknown[]> {
  const file = given.required('pkglist-csv');
  const rows = await rowsOf('pkglist-csv', file, packageNames, path);
  const packages = rows.map(({ sumtype, checksum, ...row }) => ({
    ...row,
    sum: [sumtype, checksum],
  }));
  const release = given.required('release');
  return [{ name: release, short: '', packages }];
}

/** Fields have no commas in them, and no quotes mean anything, as in pulp-admin. */
async function rowsOf(
  option: string,
  file: string,
  names: readonly string[],
  path: readonly string[],
): Promise<readonly Readonly<Record<string, string>>[]> {
  const text = await readTextFile(file, csvBytesMax, `read --${option}`);
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === '') return [];
    const parts = line.split(',').map((part) => part.trim());
    if (parts.length === names.length) {
      return [Object.fromEntries(names.map((name, at) => [name, parts[at] ?? '']))];
    }
    const expected = `expected ${names.length} values in line ${index + 1}: ${names.join(',')}`;
    throw usage(path, `Cannot use --${option}: ${expected}`);
  });
}
