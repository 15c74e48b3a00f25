/** PULP_MANIFEST: a line of CSV (RFC 4180) for each file, with its name, SHA-256 and size in bytes. */

export const manifestName = 'PULP_MANIFEST';

export function manifestLine(name: string, sha256: string, size: number): string {
  return `${csvField(name)},${sha256},${size}\n`;
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
