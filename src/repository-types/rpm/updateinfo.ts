/** updateinfo.xml: the errata of a repository. */

import type { JsonObject } from '../../repositories/documents.ts';
import type { Value } from '../../stores/document.ts';
import { isObject } from '../../stores/path.ts';
import { element, objectsField, textElement, textField } from './xml.ts';

export const updateinfoBegin = '<?xml version="1.0" encoding="UTF-8"?>\n<updates>\n';
export const updateinfoEnd = '</updates>\n';

/** @param fields of an erratum */
export function updateElement(fields: JsonObject): string {
  const text = (name: string): string | undefined => textField(fields, name);
  const from = text('from') ?? text('from_str') ?? text('errata_from');
  const attributes = {
    from: from ?? '',
    status: text('status') ?? 'final',
    type: text('type') ?? 'enhancement',
    version: text('version') ?? '1',
  };
  const references = objectsField(fields, 'references').map(reference).join('');
  const collections = objectsField(fields, 'pkglist').map((list) => collection(list, fields));
  const update = element(
    'update',
    attributes,
    textElement('id', text('id')),
    textElement('title', text('title') ?? ''),
    dateElement('issued', text('issued')),
    dateElement('updated', text('updated')),
    ...['rights', 'release', 'pushcount', 'severity', 'summary', 'description', 'solution'].map(
      (name) => textElement(name, text(name)),
    ),
    element('references', {}, references),
    element('pkglist', {}, ...collections),
  );
  return `${update}\n`;
}

function dateElement(name: string, date: string | undefined): string {
  return date === undefined || date === '' ? '' : element(name, { date });
}

function reference(fields: JsonObject): string {
  const names = ['href', 'id', 'title', 'type'];
  return element(
    'reference',
    Object.fromEntries(names.map((name) => [name, textField(fields, name)])),
  );
}

function collection(list: JsonObject, erratum: JsonObject): string {
  return element(
    'collection',
    { short: textField(list, 'short') ?? '' },
    textElement('name', textField(list, 'name') ?? ''),
    moduleElement(list.module),
    ...objectsField(list, 'packages').map((each) => packageElement(each, erratum)),
  );
}

/** Of an erratum for the packages of a module: without it dnf takes them for packages of none. */
function moduleElement(module: Value | undefined): string {
  if (!isObject(module)) return '';
  const names = ['name', 'stream', 'version', 'context', 'arch'];
  return element(
    'module',
    Object.fromEntries(names.map((name) => [name, textField(module, name)])),
  );
}

function packageElement(fields: JsonObject, erratum: JsonObject): string {
  const names = ['name', 'version', 'release', 'epoch', 'arch', 'src'];
  const attributes = Object.fromEntries(names.map((name) => [name, textField(fields, name)]));
  const hints = ['reboot_suggested', 'relogin_suggested', 'restart_suggested'];
  return element(
    'package',
    { ...attributes, epoch: attributes.epoch ?? '0' },
    textElement('filename', textField(fields, 'filename')),
    ...sums(fields),
    ...hints
      .filter(
        (hint) =>
          fields[hint] === true || textField(fields, hint) === 'True' || erratum[hint] === true,
      )
      .map((hint) => textElement(hint, 'True')),
  );
}

/** Pulp keeps `sum` as one list of types and digests by turns; others send a text and `sum_type`. */
function sums(fields: JsonObject): readonly string[] {
  const { sum } = fields;
  if (typeof sum === 'string')
    return [textElement('sum', sum, { type: textField(fields, 'sum_type') })];
  if (!Array.isArray(sum)) return [];
  const texts = sum.filter((item) => typeof item === 'string');
  const written: string[] = [];
  for (let at = 0; at + 1 < texts.length; at += 2) {
    written.push(textElement('sum', texts[at + 1], { type: texts[at] }));
  }
  return written;
}
