/** Whether a configuration of nginx is the one that would be rendered, and one that nginx takes. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Configuration } from '../config/configuration.ts';
import { messageOf, PortcullisError, systemCodeOf } from '../errors.ts';
import { renderNginxConfig } from '../front/nginx-config.ts';
import { quote } from '../front/nginx-quote.ts';
import type { Problem } from '../model.ts';

/** How many differing lines are told. */
export const differencesMax = 20;

/** Lines that say the same: indentation, blank lines and comments do not count. */
export async function checkNginxFile(
  file: string,
  configuration: Configuration,
): Promise<readonly Problem[]> {
  const written = await readFile(file, 'utf8').catch((cause: unknown) => {
    const message = `Cannot read the configuration of nginx: ${messageOf(cause)}`;
    throw new PortcullisError('FILE_UNREADABLE', message, { cause });
  });
  const rendered = renderNginxConfig(configuration);
  const { decisionCache } = configuration.nginx;
  const tested = await testWithNginx(
    file,
    written.replaceAll(quote(decisionCache), quote('cache')),
  );
  return [...differences(file, written, rendered), ...tested];
}

interface Line {
  readonly number: number;
  readonly text: string;
}

/** What is in one of the texts alone, told between their common beginning and common end. */
export function differences(file: string, written: string, rendered: string): readonly Problem[] {
  const [left, right] = [significantLines(written), significantLines(rendered)];
  let start = 0;
  while (start < left.length && left[start]?.text === right[start]?.text) start += 1;
  let end = 0;
  const rest = Math.min(left.length, right.length) - start;
  while (end < rest && left.at(-1 - end)?.text === right.at(-1 - end)?.text) end += 1;
  const leftRest = left.slice(start, left.length - end);
  const rightRest = right.slice(start, right.length - end);
  const surplus = withoutThose(leftRest, rightRest);
  const missing = withoutThose(rightRest, leftRest);
  const problems = [
    ...surplus.map(({ number, text }) => `${file}:${number}: would not be rendered: ${text}`),
    ...missing.map(({ text }) => `${file}: lacks what would be rendered: ${text}`),
  ];
  const isReordered = problems.length === 0 && leftRest.length > 0;
  const told = isReordered
    ? [`${file}:${left[start]?.number ?? 1}: from here on the order is not the rendered one`]
    : problems.slice(0, differencesMax);
  const untold = problems.length - differencesMax;
  return [...told, ...(untold > 0 ? [`${file}: ${untold} more of them`] : [])].map((message) => ({
    at: '',
    message,
  }));
}

function significantLines(text: string): readonly Line[] {
  return text
    .split('\n')
    .map((line, index) => ({ number: index + 1, text: line.trim() }))
    .filter((line) => line.text !== '' && !line.text.startsWith('#'));
}

/** Each line of `others` stands for one equal line, so that a line that is there twice is told. */
function withoutThose(lines: readonly Line[], others: readonly Line[]): readonly Line[] {
  const counts = new Map<string, number>();
  for (const { text } of others) counts.set(text, (counts.get(text) ?? 0) + 1);
  return lines.filter(({ text }) => {
    const count = counts.get(text) ?? 0;
    counts.set(text, count - 1);
    return count <= 0;
  });
}

/**
 * Runs `nginx -t` on the text of the file alone. Where nginx is not installed there is nothing to say. A test
 * makes the directories that nginx writes to, and as root gives them to its user, who is not known here: so
 * all of them are our own.
 */
async function testWithNginx(file: string, text: string): Promise<readonly Problem[]> {
  const directory = await mkdtemp(path.join(tmpdir(), 'portcullis-nginx-'));
  try {
    const main = path.join(directory, 'nginx.conf');
    const copy = path.join(directory, 'copy.conf');
    await writeFile(copy, text);
    const directories = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((kind) => `${kind}_temp_path ${kind};`)
      .join(' ');
    const http = `http { ${directories} include ${quote(copy)}; }`;
    await writeFile(main, `pid ${directory}/pid;\nevents { }\n${http}\n`);
    const output = await run('nginx', ['-t', '-q', '-p', directory, '-c', main, '-e', 'stderr']);
    return output
      .split('\n')
      .filter((line) => line.includes('[emerg]') || line.includes('[alert]'))
      .map((line) => line.replace(/^.*?\[/, '[').replace(copy, path.resolve(file)))
      .map((line) => ({ at: '', message: `nginx -t: ${line}` }));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** What the program wrote; nothing when it is not installed. */
async function run(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  try {
    await once(child, 'close');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return '';
    throw error;
  }
  return Buffer.concat(chunks).toString();
}
