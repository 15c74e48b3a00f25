/** What the operator has to know of an import, a sentence each. */

/** From what costs clients their content, to what only deserves a look. */
export type NoteKind = 'not carried over' | 'stricter' | 'different' | 'to do';

const noteKinds: readonly NoteKind[] = ['not carried over', 'stricter', 'different', 'to do'];

export interface Note {
  readonly kind: NoteKind;
  /** The relative URL of the distribution that it is about; undefined when it is about more. */
  readonly about: string | undefined;
  /** A sentence without its full stop. */
  readonly text: string;
}

/** Collects notes; the same one is kept once. */
export class Notes {
  readonly #notes = new Map<string, Note>();

  add(kind: NoteKind, text: string, about?: string): void {
    const note = { kind, about, text };
    this.#notes.set(JSON.stringify([kind, about, text]), note);
  }

  /** In the order of {@link noteKinds}; among equals, those about everything first. */
  all(): readonly Note[] {
    return noteKinds.flatMap((kind) => {
      const ofKind = [...this.#notes.values()].filter((note) => note.kind === kind);
      return [
        ...ofKind.filter(({ about }) => about === undefined),
        ...ofKind.filter(({ about }) => about !== undefined),
      ];
    });
  }
}
