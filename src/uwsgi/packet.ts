/**
 * The variable block of a packet, from bytes to names and values: pure, and refusing whatever does
 * not fit exactly.
 *
 * Layout (uwsgi protocol): repeat { u16 LE name length, name, u16 LE value length, value }.
 */

import { UwsgiRefusal } from './refusal.ts';
import { addVariable, isVariableName, type VariableMap } from './variables.ts';

/**
 * Names and values become latin1 strings: one character is one byte, whatever the bytes mean.
 *
 * @throws UwsgiRefusal
 */
export function parseVariables(block: Buffer, variablesMax: number): VariableMap {
  const variables = new Map<string, string>();
  const text = block.toString('latin1');
  let offset = 0;
  let count = 0;
  while (offset < block.length) {
    count += 1;
    if (count > variablesMax) throw tooMany(block, variablesMax);
    const nameStart = offset + 2;
    const nameEnd = endOfText(block, offset);
    const valueEnd = endOfText(block, nameEnd);
    const name = text.slice(nameStart, nameEnd);
    if (!isVariableName(name)) throw badName(name);
    // Decoded by itself and not sliced from the text: a value may outlive the request, and a slice
    // would keep the whole packet in memory.
    addVariable(variables, name, block.toString('latin1', nameEnd + 2, valueEnd));
    offset = valueEnd;
  }
  return variables;
}

/** The name of the largest variable as far as the block is well-formed; undefined when none is. */
export function largestVariable(block: Buffer): string | undefined {
  let largest: string | undefined;
  let size = -1;
  let offset = 0;
  while (offset + 4 <= block.length) {
    const nameEnd = offset + 2 + block.readUInt16LE(offset);
    if (nameEnd + 2 > block.length) break;
    const valueEnd = nameEnd + 2 + block.readUInt16LE(nameEnd);
    if (valueEnd > block.length) break;
    const name = block.toString('latin1', offset + 2, nameEnd);
    if (valueEnd - offset > size && isVariableName(name)) {
      size = valueEnd - offset;
      largest = name;
    }
    offset = valueEnd;
  }
  return largest;
}

/** Where the length-prefixed text at `offset` ends. */
function endOfText(block: Buffer, offset: number): number {
  if (offset + 2 > block.length) throw overrun();
  const end = offset + 2 + block.readUInt16LE(offset);
  if (end > block.length) throw overrun();
  return end;
}

function overrun(): UwsgiRefusal {
  return new UwsgiRefusal(
    'packet-malformed',
    'Cannot read a uwsgi packet: a length in it runs past its end; lengths have to add up to its size',
  );
}

function badName(name: string): UwsgiRefusal {
  const state = name === '' ? 'is empty' : 'holds a byte that is not visible ASCII';
  return new UwsgiRefusal(
    'packet-malformed',
    `Cannot read a uwsgi packet: the name of a variable ${state}`,
  );
}

function tooMany(block: Buffer, variablesMax: number): UwsgiRefusal {
  return new UwsgiRefusal(
    'too-many-variables',
    `Cannot read a uwsgi packet: it has more than ${variablesMax} variables, the limit`,
    largestVariable(block),
  );
}
