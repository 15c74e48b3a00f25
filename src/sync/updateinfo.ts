/** Reads `updateinfo.xml`: each advisory in Pulp's fields of an erratum. */

import type { JsonObject } from '../repositories/documents.ts';
import { SyncFailure } from './failure.ts';
import type { RemoteRecord } from './remote-item.ts';
import { childOf, listOf, readXml, textOf, type XmlElement } from './xml.ts';

/** @throws SyncFailure */
export async function* readUpdateinfo(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<RemoteRecord> {
  for await (const element of readXml(bytes, 'the updateinfo metadata', 'updates')) {
    if (element.name === 'update') yield readUpdate(element);
  }
}

function readUpdate(update: XmlElement): RemoteRecord {
  const id = textOf(update, 'id');
  if (!id) throw new SyncFailure('Cannot read the updateinfo metadata: an update has no id');
  const text = (name: string): string => textOf(update, name) ?? '';
  const { from = '', status = '', type = '', version = '' } = update.attributes;
  const unitMetadata = {
    ...{ status, type, version, from },
    ...{ title: text('title'), release: text('release'), rights: text('rights') },
    issued: childOf(update, 'issued')?.attributes.date ?? '',
    updated: childOf(update, 'updated')?.attributes.date ?? '',
    ...{ severity: text('severity'), summary: text('summary'), description: text('description') },
    ...{ solution: text('solution'), pushcount: text('pushcount') },
    reboot_suggested: isTrue(textOf(update, 'reboot_suggested')),
    references: listOf(update, 'references', 'reference').map(readReference),
    pkglist: listOf(update, 'pkglist', 'collection').map(readCollection),
  };
  return { kind: 'record', type: 'erratum', unitKey: { id }, unitMetadata };
}

function readReference({ attributes }: XmlElement): JsonObject {
  const { href = '', type = '', id = null, title = null } = attributes;
  return { href, type, id, title };
}

function readCollection(collection: XmlElement): JsonObject {
  const module = childOf(collection, 'module')?.attributes;
  return {
    short: collection.attributes.short ?? '',
    name: textOf(collection, 'name') ?? '',
    ...(module && { module: { ...module } }),
    packages: collection.children.filter(({ name }) => name === 'package').map(readPackage),
  };
}

function readPackage(element: XmlElement): JsonObject {
  const { name = '', version = '', release = '', epoch = '0', arch = '', src } = element.attributes;
  const sums = element.children.filter((child) => child.name === 'sum');
  return {
    ...{ name, version, release, epoch, arch, src: src ?? null },
    filename: textOf(element, 'filename') ?? '',
    sum: sums.flatMap((sum) => [sum.attributes.type ?? '', sum.text.trim()]),
    ...flagOf(element, 'reboot_suggested'),
    ...flagOf(element, 'relogin_suggested'),
    ...flagOf(element, 'restart_suggested'),
  };
}

function flagOf(element: XmlElement, name: string): JsonObject {
  const text = textOf(element, name);
  return text === undefined ? {} : { [name]: isTrue(text) };
}

/** As yum: an empty element says yes, too. */
function isTrue(text: string | undefined): boolean {
  return text !== undefined && !/^(?:false|0|no)$/i.test(text);
}
