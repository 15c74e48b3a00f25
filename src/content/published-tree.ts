/** What is published, by the segments of its paths: a change costs what the path is deep. */

interface Node<Value> {
  readonly children: Map<string, Node<Value>>;
  value: Value | undefined;
}

export class PublishedTree<Value> {
  readonly #root: Node<Value> = { children: new Map(), value: undefined };

  /** @param path begins with a slash and does not end with one */
  set(path: string, value: Value): void {
    let node = this.#root;
    for (const segment of segmentsOf(path)) {
      const next = node.children.get(segment) ?? { children: new Map(), value: undefined };
      node.children.set(segment, next);
      node = next;
    }
    node.value = value;
  }

  delete(path: string): void {
    const walked: { readonly node: Node<Value>; readonly segment: string }[] = [];
    let node = this.#root;
    for (const segment of segmentsOf(path)) {
      const next = node.children.get(segment);
      if (next === undefined) return;
      walked.push({ node, segment });
      node = next;
    }
    node.value = undefined;
    for (const { node: parent, segment } of walked.toReversed()) {
      const child = parent.children.get(segment);
      if (child === undefined || child.value !== undefined || child.children.size > 0) return;
      parent.children.delete(segment);
    }
  }

  /** The deepest whose path is `path`, or whole segments of its beginning (T24). */
  deepest(path: string): { readonly value: Value; readonly length: number } | undefined {
    let found: { readonly value: Value; readonly length: number } | undefined;
    let node: Node<Value> | undefined = this.#root;
    let end = 0;
    while (node !== undefined && end < path.length) {
      const next = path.indexOf('/', end + 1);
      const cut = next === -1 ? path.length : next;
      node = node.children.get(path.slice(end + 1, cut));
      end = cut;
      if (node?.value !== undefined) found = { value: node.value, length: end };
    }
    return found;
  }

  /** The names right below `path`, each with the paths of all there and below it; undefined where nothing is. */
  below(path: string): ReadonlyMap<string, Iterable<string>> | undefined {
    let node: Node<Value> | undefined = this.#root;
    for (const segment of segmentsOf(path)) node = node?.children.get(segment);
    if (node === undefined || node.children.size === 0) return undefined;
    const named = [...node.children].map(
      ([name, child]) => [name, pathsOf(child, `${path}/${name}`)] as const,
    );
    return new Map(named);
  }
}

function segmentsOf(path: string): readonly string[] {
  return path === '' ? [] : path.slice(1).split('/');
}

/** One after the other, as far as somebody asks for them. */
function* pathsOf<Value>(node: Node<Value>, path: string): Generator<string> {
  if (node.value !== undefined) yield path;
  for (const [name, child] of node.children) yield* pathsOf(child, `${path}/${name}`);
}
