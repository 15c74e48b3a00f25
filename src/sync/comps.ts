/** Reads comps.xml: groups, categories, environments and language packs in Pulp's fields. */

import type { JsonObject } from '../repositories/documents.ts';
import type { RemoteRecord } from './remote-item.ts';
import { listOf, readXml, textOf, type XmlElement } from './xml.ts';

type Reader = (element: XmlElement, repositoryId: string) => RemoteRecord;

const readers: ReadonlyMap<string, Reader> = new Map([
  ['group', readGroup],
  ['category', readCategory],
  ['environment', readEnvironment],
  ['langpacks', readLangpacks],
]);

/**
 * @param repositoryId the repository that the units are for: they are told apart by it as well
 * @throws SyncFailure
 */
export async function* readComps(
  bytes: AsyncIterable<Uint8Array>,
  repositoryId: string,
): AsyncGenerator<RemoteRecord> {
  for await (const element of readXml(bytes, 'the comps metadata', 'comps')) {
    const read = readers.get(element.name);
    if (read !== undefined) yield read(element, repositoryId);
  }
}

function readGroup(group: XmlElement, repositoryId: string): RemoteRecord {
  const packages = listOf(group, 'packagelist', 'packagereq');
  const namesOf = (kind: string): readonly string[] =>
    packages
      .filter(({ attributes }) => (attributes.type ?? 'mandatory') === kind)
      .map(({ text }) => text.trim());
  const conditional = packages
    .filter(({ attributes }) => attributes.type === 'conditional')
    .map(({ text, attributes }) => [text.trim(), attributes.requires ?? '']);
  return {
    kind: 'record',
    type: 'package_group',
    unitKey: { package_group_id: textOf(group, 'id') ?? '', repo_id: repositoryId },
    unitMetadata: {
      ...describe(group),
      default: textOf(group, 'default')?.toLowerCase() === 'true',
      user_visible: textOf(group, 'uservisible')?.toLowerCase() !== 'false',
      langonly: textOf(group, 'langonly') ?? null,
      mandatory_package_names: namesOf('mandatory'),
      default_package_names: namesOf('default'),
      optional_package_names: namesOf('optional'),
      conditional_package_names: conditional,
    },
  };
}

function readCategory(category: XmlElement, repositoryId: string): RemoteRecord {
  return {
    kind: 'record',
    type: 'package_category',
    unitKey: { package_category_id: textOf(category, 'id') ?? '', repo_id: repositoryId },
    unitMetadata: { ...describe(category), packagegroupids: groupIds(category, 'grouplist') },
  };
}

function readEnvironment(environment: XmlElement, repositoryId: string): RemoteRecord {
  const options = listOf(environment, 'optionlist', 'groupid').map(({ text, attributes }) => ({
    group: text.trim(),
    default: attributes.default?.toLowerCase() === 'true',
  }));
  return {
    kind: 'record',
    type: 'package_environment',
    unitKey: { package_environment_id: textOf(environment, 'id') ?? '', repo_id: repositoryId },
    unitMetadata: {
      ...describe(environment),
      group_ids: groupIds(environment, 'grouplist'),
      options,
    },
  };
}

function readLangpacks(langpacks: XmlElement, repositoryId: string): RemoteRecord {
  const matches = langpacks.children
    .filter(({ name }) => name === 'match')
    .map(({ attributes: { name = '', install = '' } }) => ({ name, install }));
  return {
    kind: 'record',
    type: 'package_langpacks',
    unitKey: { repo_id: repositoryId },
    unitMetadata: { matches },
  };
}

function describe(element: XmlElement): JsonObject {
  const order = textOf(element, 'display_order');
  return {
    name: plainText(element, 'name') ?? '',
    description: plainText(element, 'description') ?? '',
    display_order: order === undefined || !/^-?\d{1,15}$/.test(order) ? null : Number(order),
    translated_name: translations(element, 'name'),
    translated_description: translations(element, 'description'),
  };
}

function plainText(element: XmlElement, name: string): string | undefined {
  const plain = element.children.find(
    (child) => child.name === name && child.attributes['xml:lang'] === undefined,
  );
  return plain?.text.trim();
}

function translations(element: XmlElement, name: string): JsonObject {
  const translated = element.children.flatMap((child) => {
    const language = child.attributes['xml:lang'];
    return child.name === name && language !== undefined ? [[language, child.text.trim()]] : [];
  });
  return Object.fromEntries(translated);
}

function groupIds(element: XmlElement, list: string): readonly string[] {
  return listOf(element, list, 'groupid').map(({ text }) => text.trim());
}
