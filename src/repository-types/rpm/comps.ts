/** comps.xml: groups, categories, environments and language packs of a repository. */

import type { JsonObject } from '../../repositories/documents.ts';
import {
  element,
  listField,
  objectsField,
  textElement,
  textField,
  textsField,
  translations,
} from './xml.ts';

export const compsBegin =
  '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE comps PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "comps.dtd">\n<comps>\n';
export const compsEnd = '</comps>\n';

/** By the type of the unit, in the order that they stand in the file. */
export const compsElements: ReadonlyMap<string, (fields: JsonObject) => string> = new Map([
  ['package_group', groupElement],
  ['package_category', categoryElement],
  ['package_environment', environmentElement],
  ['package_langpacks', langpacksElement],
]);

function groupElement(fields: JsonObject): string {
  return line(
    'group',
    textElement('id', textField(fields, 'package_group_id')),
    flagElement('default', fields, false),
    flagElement('uservisible', { uservisible: fields.user_visible ?? true }, true),
    textElement('display_order', textField(fields, 'display_order')),
    textElement('langonly', textField(fields, 'langonly')),
    ...described(fields),
    element('packagelist', {}, ...packagesOf(fields)),
  );
}

function packagesOf(fields: JsonObject): readonly string[] {
  const kinds = ['mandatory', 'default', 'optional'];
  const plain = kinds.flatMap((type) =>
    textsField(fields, `${type}_package_names`).map((name) =>
      textElement('packagereq', name, { type }),
    ),
  );
  const conditional = listField(fields, 'conditional_package_names').map((pair) => {
    const [name, requires] = Array.isArray(pair) ? pair : [];
    return typeof name === 'string' && typeof requires === 'string'
      ? textElement('packagereq', name, { type: 'conditional', requires })
      : '';
  });
  return [...plain, ...conditional];
}

function categoryElement(fields: JsonObject): string {
  return line(
    'category',
    textElement('id', textField(fields, 'package_category_id')),
    textElement('display_order', textField(fields, 'display_order')),
    ...described(fields),
    groupList('grouplist', textsField(fields, 'packagegroupids')),
  );
}

function environmentElement(fields: JsonObject): string {
  const options = objectsField(fields, 'options').map((option) =>
    textElement('groupid', textField(option, 'group'), {
      default: option.default === true || option.default === 'true' ? 'true' : undefined,
    }),
  );
  return line(
    'environment',
    textElement('id', textField(fields, 'package_environment_id')),
    textElement('display_order', textField(fields, 'display_order')),
    ...described(fields),
    groupList('grouplist', textsField(fields, 'group_ids')),
    element('optionlist', {}, ...options),
  );
}

function langpacksElement(fields: JsonObject): string {
  const matches = objectsField(fields, 'matches').map((match) =>
    element('match', { name: textField(match, 'name'), install: textField(match, 'install') }),
  );
  return line('langpacks', ...matches);
}

function described(fields: JsonObject): readonly string[] {
  return [
    textElement('name', textField(fields, 'name') ?? ''),
    translations(fields, 'translated_name', 'name'),
    textElement('description', textField(fields, 'description') ?? ''),
    translations(fields, 'translated_description', 'description'),
  ];
}

function groupList(name: string, ids: readonly string[]): string {
  return element(name, {}, ...ids.map((id) => textElement('groupid', id)));
}

function flagElement(name: string, fields: JsonObject, otherwise: boolean): string {
  const value = typeof fields[name] === 'boolean' ? fields[name] : otherwise;
  return textElement(name, String(value));
}

function line(name: string, ...content: readonly string[]): string {
  return `${element(name, {}, ...content, '')}\n`;
}
