/** Writes XML: whatever stands in the fields of units is text, and nothing of it is markup. */

import type { JsonObject } from '../../repositories/documents.ts';
import type { Value } from '../../stores/document.ts';
import { isObject } from '../../stores/path.ts';

/** An element with its attributes; those that are undefined are left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | undefined>>,
  ...content: readonly string[]
): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([attribute, value]) => ` ${attribute}="${escapeXml(value ?? '')}"`)
    .join('');
  return content.length === 0
    ? `<${name}${written}/>`
    : `<${name}${written}>${content.join('')}</${name}>`;
}

/** An element that holds a text; nothing where there is none. */
export function textElement(
  name: string,
  text: string | undefined,
  attributes: Readonly<Record<string, string | undefined>> = {},
): string {
  return text === undefined ? '' : element(name, attributes, escapeXml(text));
}

/** Characters that XML 1.0 cannot hold are replaced. */
function escapeXml(text: string): string {
  return (
    text
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it replaces.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replace(/[&<>"\r]/g, (character) => entities[character] ?? character)
  );
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};

/** The field as text, whatever clients sent it as. */
export function textField(fields: JsonObject, name: string): string | undefined {
  const value = fields[name];
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

export function objectsField(fields: JsonObject, name: string): readonly JsonObject[] {
  return listField(fields, name).filter(isObject);
}

export function textsField(fields: JsonObject, name: string): readonly string[] {
  return listField(fields, name).filter((item) => typeof item === 'string');
}

/** A text for each language, as `translated_name`. */
export function translations(fields: JsonObject, field: string, name: string): string {
  const texts = fields[field];
  if (!isObject(texts)) return '';
  return Object.keys(texts)
    .map((language) => textElement(name, textField(texts, language), { 'xml:lang': language }))
    .join('');
}

export function listField(fields: JsonObject, name: string): readonly Value[] {
  const value = fields[name];
  return Array.isArray(value) ? value : [];
}
