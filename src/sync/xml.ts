/** Reads XML as it comes: the children of its root one at a time, and nothing that a DTD could do (T81). */

import { SaxesParser } from 'saxes';
import { SyncFailure } from './failure.ts';
import { decodeUtf8 } from './utf8.ts';

/** An element with everything in it. Names are as written, with their prefix. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Its own text, without that of its children. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** How deep elements may be inside each other. */
export const xmlDepthMax = 32;

/** Bytes of one child of the root. */
export const xmlElementBytesMax = 16_777_216;

/** Elements, and their attributes, in one child of the root: each takes more memory than bytes. */
export const xmlPartsMax = 300_000;

interface OpenElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  text: string;
  readonly children: XmlElement[];
}

/**
 * The children of the root, in their order.
 *
 * @param document what it is, for messages
 * @param rootName the name of the root, without a prefix
 * @throws SyncFailure for what is no well-formed UTF-8 XML of that root, has a document type, or is over
 *   a limit
 */
export async function* readXml(
  bytes: AsyncIterable<Uint8Array>,
  document: string,
  rootName: string,
): AsyncGenerator<XmlElement> {
  const reader = new RootReader(document, rootName);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const chunk of bytes) {
    const text = decodeUtf8(document, () => decoder.decode(chunk, { stream: true }));
    yield* reader.write(text, chunk.length);
  }
  const rest = decodeUtf8(document, () => decoder.decode());
  yield* reader.write(rest, 0);
  reader.end();
}

/** The first child of that name. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}

/** The text of the first child of that name, without white space around it. */
export function textOf(element: XmlElement, name: string): string | undefined {
  return childOf(element, name)?.text.trim();
}

/** Those of that name in the first child `list`. */
export function listOf(element: XmlElement, list: string, each: string): readonly XmlElement[] {
  return (childOf(element, list)?.children ?? []).filter(({ name }) => name === each);
}

class RootReader {
  readonly #document: string;
  readonly #rootName: string;
  readonly #parser = new SaxesParser<{ position: false; xmlns: false }>({
    position: false,
    xmlns: false,
  });
  readonly #open: OpenElement[] = [];
  #done: XmlElement[] = [];
  #unreadBytes = 0;
  /** Of the present child of the root. */
  #parts = 0;

  constructor(document: string, rootName: string) {
    this.#document = document;
    this.#rootName = rootName;
    this.#parser.on('doctype', (text) => this.#checkDoctype(text));
    this.#parser.on('xmldecl', ({ encoding }) => this.#checkEncoding(encoding));
    this.#parser.on('opentag', ({ name, attributes }) => this.#begin(name, attributes));
    this.#parser.on('closetag', () => this.#finish());
    this.#parser.on('text', (text) => this.#add(text));
    this.#parser.on('cdata', (text) => this.#add(text));
  }

  write(text: string, byteCount: number): readonly XmlElement[] {
    this.#unreadBytes += byteCount;
    this.#parse(() => this.#parser.write(text));
    const done = this.#done;
    this.#done = [];
    if (done.length > 0) this.#unreadBytes = 0;
    if (this.#unreadBytes > xmlElementBytesMax) {
      this.#refuse(`an element of it is over ${xmlElementBytesMax} bytes`);
    }
    return done;
  }

  end(): void {
    this.#parse(() => this.#parser.close());
  }

  #parse(step: () => unknown): void {
    try {
      step();
    } catch (error) {
      if (error instanceof SyncFailure) throw error;
      // The parser's words quote nothing of the document but names.
      this.#refuse('it is no well-formed XML');
    }
  }

  #begin(name: string, attributes: Readonly<Record<string, string>>): void {
    if (this.#open.length >= xmlDepthMax) {
      this.#refuse(`its elements are over ${xmlDepthMax} deep`);
    }
    this.#parts = this.#open.length <= 1 ? 1 : this.#parts + 1;
    this.#parts += Object.keys(attributes).length;
    if (this.#parts > xmlPartsMax) {
      this.#refuse(`an element of it has over ${xmlPartsMax} elements and attributes`);
    }
    if (this.#open.length === 0 && name.replace(/^.*:/, '') !== this.#rootName) {
      this.#refuse(
        `it begins with <${name.slice(0, 64)}>, and has to begin with <${this.#rootName}>`,
      );
    }
    this.#open.push({ name, attributes, text: '', children: [] });
  }

  #finish(): void {
    const element = this.#open.pop();
    if (element === undefined || this.#open.length === 0) return;
    if (this.#open.length === 1) this.#done.push(element);
    else this.#open.at(-1)?.children.push(element);
  }

  #add(text: string): void {
    const element = this.#open.at(-1);
    // Of the root only the children are read.
    if (element !== undefined && this.#open.length > 1) element.text += text;
  }

  /** The name of a DTD is passed over; what a document declares itself could make much of little. */
  #checkDoctype(text: string): void {
    if (text.includes('[')) this.#refuse('its document type declares entities or the like');
  }

  #checkEncoding(encoding: string | undefined): void {
    if (encoding === undefined || /^utf-?8$/i.test(encoding)) return;
    this.#refuse('it is not in UTF-8');
  }

  #refuse(why: string): never {
    throw new SyncFailure(`Cannot read ${this.#document}: ${why}`);
  }
}
