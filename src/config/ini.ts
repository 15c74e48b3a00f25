/** The INI files of Pulp 2 and its tools, as Python's parser of the time reads them. */

export interface IniEntry {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

export interface IniFile {
  readonly entries: readonly IniEntry[];
  /** Lines that are nothing of it, counted from 1. */
  readonly oddLines: readonly number[];
}

const sectionLine = /^\[([^\]]+)\]\s*$/;
const entryLine = /^([^:=\s[][^:=]*?)\s*[:=]\s*(.*)$/;
const comment = /^\s*(?:[#;].*)?$/;

/** An indented line goes on with the value before it; a comment stands alone or behind ` ;`. */
export function parseIni(text: string): IniFile {
  const entries: IniEntry[] = [];
  const oddLines: number[] = [];
  let section = '';
  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    if (comment.test(raw)) continue;
    const previous = entries.at(-1);
    const [, title] = sectionLine.exec(raw) ?? [];
    const [, key, value = ''] = entryLine.exec(raw) ?? [];
    if (/^\s/.test(raw) && previous !== undefined) {
      entries[entries.length - 1] = { ...previous, value: `${previous.value}\n${raw.trim()}` };
    } else if (title !== undefined) {
      section = title.trim();
    } else if (key !== undefined) {
      const plain = value.replace(/(?:^|\s);.*$/, '').trim();
      entries.push({ section, key: key.toLowerCase(), value: plain, line: index + 1 });
    } else {
      oddLines.push(index + 1);
    }
  }
  return { entries, oddLines };
}
