/** A listing for people: one page of plain HTML, without scripts. */

import { createHash } from 'node:crypto';
import type { Listing, ListingEntry } from './listing.ts';

const style = `
:root { color-scheme: light dark; --line: #8884; --quiet: #666; }
@media (prefers-color-scheme: dark) { :root { --quiet: #aaa; } }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.25rem; font-weight: 600; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .5rem; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--quiet); }
td:first-child { overflow-wrap: anywhere; }
td + td, th + th { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
a { text-decoration: none; }
a:hover, a:focus { text-decoration: underline; }
nav { display: flex; gap: 1rem; margin: 1rem 0; }
p { color: var(--quiet); }
`;

/** Nothing but this one style may take effect, whatever a file is called (T63). */
export const listingSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** @param pathInDistribution of the directory, with a slash at its end */
export function listingHtml(
  listing: Listing,
  relativeUrl: string,
  pathInDistribution: string,
): string {
  const title = `${relativeUrl}${pathInDistribution}`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${breadcrumbs(relativeUrl, pathInDistribution)}</h1>
<table>
<thead><tr><th scope="col">Name</th><th scope="col">Size</th><th scope="col">Modified (UTC)</th></tr></thead>
<tbody>
${pathInDistribution === '/' ? '' : '<tr><td><a href="../">../</a></td><td></td><td></td></tr>\n'}${listing.entries.map(row).join('\n')}
</tbody>
</table>
${remarks(listing)}</body>
</html>
`;
}

/** Each part but the last links upwards, by relative references alone. */
function breadcrumbs(relativeUrl: string, pathInDistribution: string): string {
  const parts = [relativeUrl, ...pathInDistribution.split('/').filter((part) => part !== '')];
  return parts
    .map((part, index) => {
      const up = '../'.repeat(parts.length - 1 - index);
      const text = `<bdi>${escapeHtml(part)}</bdi>`;
      return up === '' ? text : `<a href="${up}">${text}</a>`;
    })
    .join(' / ');
}

function row(entry: ListingEntry): string {
  const name = entry.type === 'directory' ? `${entry.name}/` : entry.name;
  const size = entry.size === undefined ? '<td></td>' : sizeCell(entry.size);
  return `<tr><td><a href="${entry.href}"><bdi>${escapeHtml(name)}</bdi></a></td>${size}<td>${minute(entry.modified)}</td></tr>`;
}

const sizeUnits = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

function sizeCell(bytes: number): string {
  let unit = 'B';
  let amount = bytes;
  for (const next of sizeUnits) {
    if (amount < 1024) break;
    amount /= 1024;
    unit = next;
  }
  const shown = unit === 'B' || amount >= 100 ? Math.round(amount) : amount.toFixed(1);
  return `<td title="${bytes} bytes">${shown} ${unit}</td>`;
}

function minute(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');
}

function remarks(listing: Listing): string {
  const notes = listing.truncated
    ? '<p>This directory has more entries than are listed. Every file can be had by its name.</p>\n'
    : '';
  return notes + (listing.pages > 1 ? pageLinks(listing) : '');
}

function pageLinks({ page, pages }: Listing): string {
  const previous = page > 1 ? `<a href="?page=${page - 1}" rel="prev">Previous</a>` : '';
  const next = page < pages ? `<a href="?page=${page + 1}" rel="next">Next</a>` : '';
  return `<nav aria-label="Pages">${previous}<span>Page ${page} of ${pages}</span>${next}</nav>\n`;
}

const replacements: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for HTML. Control characters are shown as their pictures, bytes that are no text as U+FFFD. */
function escapeHtml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[&<>"']/g, (character) => replacements[character] ?? '')
    .replaceAll(/\p{Cc}/gu, controlPicture);
}

function controlPicture(character: string): string {
  const code = character.charCodeAt(0);
  if (code > 0x7f) return '\ufffd';
  return code === 0x7f ? '\u2421' : String.fromCharCode(0x2400 + code);
}
