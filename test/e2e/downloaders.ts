/** The command lines of real download programs, as people write them. */

import { readFileSync } from 'node:fs';
import type { Credential } from '../support/pki.ts';
import { run, runOk } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import type { Site } from './site.ts';

/** How a client says who it is. */
export interface Identity {
  readonly certificate?: Credential | undefined;
  readonly login?: { readonly user: string; readonly password: string } | undefined;
}

export interface Answer {
  readonly status: number;
  /** Lower-case names; the last one wins. */
  readonly headers: Readonly<Record<string, string>>;
  /** The lines of its head after the first. */
  readonly head: readonly string[];
  readonly body: Buffer;
}

/** One request by curl, whatever the status. */
export async function curl(
  site: Site,
  url: string,
  { certificate, login }: Identity = {},
  ...more: readonly string[]
): Promise<Answer> {
  const output = await runOk('curl', [
    ...['--silent', '--show-error', '--include', '--http1.1', '--cacert', site.serverCa],
    ...(certificate ? ['--cert', certificate.certificatePath, '--key', certificate.keyPath] : []),
    ...(login ? ['--user', `${login.user}:${login.password}`] : []),
    ...more,
    url,
  ]);
  const end = output.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = output.subarray(0, end).toString('latin1').split('\r\n');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: Object.fromEntries(headers),
    head: lines,
    body: output.subarray(end + 4),
  };
}

/** Downloads `url` to the file that it returns the bytes of. */
export type Downloader = (site: Site, url: string, as: Credential) => Promise<Buffer>;

export const downloaders: Readonly<Record<string, Downloader>> = {
  curl: (site, url, as) =>
    download((file) => [
      'curl',
      ...['--silent', '--show-error', '--fail', '--cacert', site.serverCa],
      ...['--cert', as.certificatePath, '--key', as.keyPath, '--output', file, url],
    ]),
  'curl over HTTP/1.1 in three ranges': async (site, url, as) => {
    const part = (range: string) =>
      curl(site, url, { certificate: as }, '--range', range).then(({ body }) => body);
    const parts = ['0-99999', '100000-3000000', '3000001-'].map(part);
    return Buffer.concat(await Promise.all(parts));
  },
  wget: (site, url, as) =>
    download((file) => [
      'wget',
      ...['--quiet', '--no-hsts', `--ca-certificate=${site.serverCa}`, `--output-document=${file}`],
      ...[`--certificate=${as.certificatePath}`, `--private-key=${as.keyPath}`, url],
    ]),
  'aria2c in four ranges at once': (site, url, as) =>
    download((file, directory) => [
      'aria2c',
      ...['--quiet', '--no-conf', `--ca-certificate=${site.serverCa}`],
      ...[`--certificate=${as.certificatePath}`, `--private-key=${as.keyPath}`],
      ...['--max-connection-per-server=4', '--split=4', '--min-split-size=1M'],
      ...[`--dir=${directory}`, `--out=${file.slice(directory.length + 1)}`, url],
    ]),
};

async function download(
  commandLine: (file: string, directory: string) => readonly string[],
): Promise<Buffer> {
  using directory = temporaryDirectory();
  const file = directory.file('download');
  const [command = '', ...args] = commandLine(file, directory.path);
  const result = await run(command, args);
  if (result.code !== 0) {
    throw new Error(`${command} exited with ${result.code}: ${result.stdout}${result.stderr}`);
  }
  return readFileSync(file);
}
