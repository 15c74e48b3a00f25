/** `consumer bind` and `unbind`, the same for one type of repositories, and `bindings search`. */

import type { Command, CommandOption, Given } from '../command.ts';
import { criteriaOf, criteriaOptions } from '../criteria.ts';
import { Failure } from '../failure.ts';
import { field, showResources } from '../present/resources.ts';
import { type Fields, fieldsOf, textOf } from '../untrusted.ts';
import { consumerOption, detailsOption, distributorOption, repositoryOption } from './names.ts';

/** Which distributor is meant: the one that is named, or the one that a type has. */
interface Binding {
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, CommandOption>>;
  readonly distributorOf: (given: Given) => string;
}

const ofAnyType: Binding = {
  words: ['consumer'],
  options: { 'distributor-id': distributorOption },
  distributorOf: (given) => given.required('distributor-id'),
};

/** @param word before `consumer`, as `rpm` */
export function createBindCommands(
  word: string,
  distributor: { readonly id: string },
): readonly Command[] {
  return bindCommands({
    words: [word, 'consumer'],
    options: {},
    distributorOf: () => distributor.id,
  });
}

function bindCommands(binding: Binding): readonly Command[] {
  return [bindCommand(binding), unbindCommand(binding)];
}

function bindCommand({ words, options, distributorOf }: Binding): Command {
  return {
    path: [...words, 'bind'],
    summary: 'lets a consumer read a repository by its certificate',
    options: { 'consumer-id': consumerOption, 'repo-id': repositoryOption, ...options },
    run: async ({ call, output }, given) => {
      const [id, repo_id] = [given.required('consumer-id'), given.required('repo-id')];
      const body = { repo_id, distributor_id: distributorOf(given), notify_agent: false };
      const answer = await call({ method: 'POST', path: ['consumers', id, 'bindings'], body });
      if (answer instanceof Failure) return answer;
      output.done(`Consumer [${id}] successfully bound to repository [${repo_id}]`, answer.body);
      return undefined;
    },
  };
}

function unbindCommand({ words, options, distributorOf }: Binding): Command {
  return {
    path: [...words, 'unbind'],
    summary: 'ends a binding: the consumer does not come in by it any more',
    options: { 'consumer-id': consumerOption, 'repo-id': repositoryOption, ...options },
    run: async ({ call, output }, given) => {
      const [id, repository] = [given.required('consumer-id'), given.required('repo-id')];
      const path = ['consumers', id, 'bindings', repository, distributorOf(given)];
      const answer = await call({ method: 'DELETE', path });
      if (answer instanceof Failure) return answer;
      const done = `Consumer [${id}] successfully unbound from repository [${repository}]`;
      output.done(done, answer.body);
      return undefined;
    },
  };
}

const columns = [
  { title: 'CONSUMER', cell: field('consumer_id') },
  { title: 'REPOSITORY', cell: field('repo_id') },
  { title: 'DISTRIBUTOR', cell: field('distributor_id') },
  { title: 'PATH', cell: ({ details }: Fields) => textOf(fieldsOf(details).relative_path) },
];

const search: Command = {
  path: ['bindings', 'search'],
  summary: 'lists which consumers are bound to which repositories, as the criteria mean them',
  options: { ...criteriaOptions, details: detailsOption },
  run: async ({ call, output }, given) => {
    const body = { criteria: criteriaOf(given, search.path) };
    const path = ['consumers', 'binding', 'search'];
    const answer = await call({ method: 'POST', path, body });
    if (answer instanceof Failure) return answer;
    output.show(showResources('Bindings', answer.body, columns, given), answer.body);
    return undefined;
  },
};

export const bindingCommands: readonly Command[] = [...bindCommands(ofAnyType), search];
