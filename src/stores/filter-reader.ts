/** Reads one filter, and counts what the limits bound while it does. */

import type { Filter, Ordered, Test } from './filter.ts';
import {
  invalidFilter as invalid,
  isOperators,
  quote,
  readFlag,
  readSize,
} from './filter-shape.ts';
import { readScalar } from './filter-value.ts';
import type { StoreLimits } from './limits.ts';
import { isObject, splitPath } from './path.ts';
import { compilePattern } from './pattern.ts';

const logical = { $and: 'and', $or: 'or', $nor: 'nor' } as const;

/** For the reader's messages: what would be right. */
const operators =
  '$eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $exists, $all, $size, $elemMatch, $regex, $options, $not';

export class FilterReader {
  readonly #limits: StoreLimits;
  #nodes = 0;
  #values = 0;

  constructor(limits: StoreLimits) {
    this.#limits = limits;
  }

  read(raw: unknown): Filter {
    return this.#filter(raw, 1);
  }

  #filter(raw: unknown, depth: number): Filter {
    this.#checkDepth(depth);
    if (!isObject(raw)) throw invalid('it is not an object');
    const parts = Object.entries(raw).flatMap(([name, value]): readonly Filter[] => {
      this.#countNode();
      if (isLogical(name)) return [this.#logical(name, value, depth)];
      if (name.startsWith('$')) {
        throw invalid(`${name} is not allowed, only $and, $or and $nor are beside fields`);
      }
      const names = splitPath(name, 'filter', this.#limits.pathCharactersMax);
      return this.#field(names, value, depth);
    });
    return conjunction(parts);
  }

  #logical(name: keyof typeof logical, raw: unknown, depth: number): Filter {
    if (!Array.isArray(raw) || raw.length === 0) {
      throw invalid(`${name} needs a list of filters that is not empty`);
    }
    return { kind: logical[name], parts: raw.map((part) => this.#filter(part, depth + 1)) };
  }

  /** What is asked of one field: a value to be equal to, or operators that all have to hold. */
  #field(names: readonly string[], raw: unknown, depth: number): readonly Filter[] {
    const path = names.join('.');
    if (!isOperators(raw))
      return [field(names, { operator: 'eq', value: this.#equality(path, raw) })];
    if (Object.hasOwn(raw, '$options') && !Object.hasOwn(raw, '$regex')) {
      throw invalid(`$options of ${quote(path)} has no $regex beside it`);
    }
    return Object.entries(raw).flatMap(([name, value]): readonly Filter[] => {
      this.#countNode();
      switch (name) {
        case '$options':
          return [];
        case '$all':
          return this.#all(names, value);
        case '$not':
          return [this.#not(names, value, depth)];
        case '$elemMatch':
          return [field(names, this.#elemMatch(names, value, depth))];
        case '$regex':
          return [field(names, { operator: 'regex', pattern: this.#pattern(value, raw.$options) })];
        default:
          return [field(names, this.#test(path, name, value))];
      }
    });
  }

  #test(path: string, name: string, value: unknown): Test {
    switch (name) {
      case '$eq':
      case '$ne':
        return { operator: name === '$eq' ? 'eq' : 'ne', value: this.#equality(path, value) };
      case '$gt':
      case '$gte':
      case '$lt':
      case '$lte':
        return { operator: rangeNames[name], value: this.#ordered(path, name, value) };
      case '$in':
      case '$nin':
        return { operator: name === '$in' ? 'in' : 'nin', values: this.#list(path, name, value) };
      case '$exists':
        return { operator: 'exists', value: readFlag(path, value) };
      case '$size':
        return { operator: 'size', value: readSize(path, value) };
      default:
        throw invalid(`${quote(name)} is not allowed at ${quote(path)}, only ${operators} are`);
    }
  }

  #equality(path: string, raw: unknown) {
    return Array.isArray(raw) ? this.#list(path, 'a list', raw) : this.#scalar(path, raw);
  }

  #scalar(path: string, raw: unknown) {
    this.#values += 1;
    if (this.#values > this.#limits.filterValuesMax) {
      throw invalid(`it has more than ${this.#limits.filterValuesMax} values`);
    }
    return readScalar(path, raw, this.#limits);
  }

  #ordered(path: string, name: string, raw: unknown): Ordered {
    const value = this.#scalar(path, raw);
    if (value === null || typeof value === 'boolean') {
      throw invalid(`${name} of ${quote(path)} needs a text, a number or a date`);
    }
    return value;
  }

  #list(path: string, name: string, raw: unknown) {
    if (!Array.isArray(raw)) throw invalid(`${name} of ${quote(path)} needs a list`);
    return raw.map((value) => this.#scalar(path, value));
  }

  /** Each value is in the list: with none to look for, nothing is meant, as MongoDB has it. */
  #all(names: readonly string[], raw: unknown): readonly Filter[] {
    const values = this.#list(names.join('.'), '$all', raw);
    if (values.length === 0) return [field(names, { operator: 'in', values })];
    return values.map((value) => field(names, { operator: 'eq', value }));
  }

  #not(names: readonly string[], raw: unknown, depth: number): Filter {
    this.#checkDepth(depth + 1);
    if (!isOperators(raw)) throw invalid(`$not of ${quote(names.join('.'))} needs an operator`);
    return { kind: 'nor', parts: [conjunction(this.#field(names, raw, depth + 1))] };
  }

  #elemMatch(names: readonly string[], raw: unknown, depth: number): Test {
    this.#checkDepth(depth + 1);
    const path = names.join('.');
    if (isOperators(raw) && !Object.keys(raw).some(isLogical)) {
      const parts = this.#field(names, raw, depth + 1);
      const tests = parts.flatMap((part) => (isElementTest(part) ? [part.test] : []));
      if (tests.length === parts.length) return { operator: 'elemMatch', tests };
      throw invalid(
        `$elemMatch of ${quote(path)} takes ${elementOperators.join(', ')} of elements`,
      );
    }
    if (!isObject(raw) || Object.keys(raw).length === 0) {
      throw invalid(`$elemMatch of ${quote(path)} needs operators or fields`);
    }
    return { operator: 'elemMatchObject', filter: this.#filter(raw, depth + 1) };
  }

  #pattern(source: unknown, options: unknown) {
    return compilePattern(source, options, this.#limits);
  }

  #countNode(): void {
    this.#nodes += 1;
    if (this.#nodes > this.#limits.filterNodesMax) {
      throw invalid(`it has more than ${this.#limits.filterNodesMax} conditions`);
    }
  }

  #checkDepth(depth: number): void {
    if (depth > this.#limits.filterDepthMax) {
      throw invalid(`it is nested deeper than ${this.#limits.filterDepthMax} levels`);
    }
  }
}

const rangeNames = { $gt: 'gt', $gte: 'gte', $lt: 'lt', $lte: 'lte' } as const;

/** What an element that is a plain value can be asked. */
const elementOperators = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'nin', 'regex'] as const;

function isElementTest(filter: Filter): filter is Extract<Filter, { kind: 'field' }> {
  return filter.kind === 'field' && elementOperators.some((name) => name === filter.test.operator);
}

function field(names: readonly string[], test: Test): Filter {
  return { kind: 'field', names, test };
}

function conjunction(parts: readonly Filter[]): Filter {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind: 'and', parts };
}

function isLogical(name: string): name is keyof typeof logical {
  return Object.hasOwn(logical, name);
}
