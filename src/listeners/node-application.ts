/** Any Node application as a listener: its modules loaded, each at its mount. docs/applications.md. */

import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { within } from '../access/plugins.ts';
import type { ModuleApplication } from '../config/configuration.ts';
import { messageOf } from '../errors.ts';
import { pathFromBytes } from '../http/canonical-path.ts';
import type { Problem } from '../model.ts';
import { uwsgiOf } from '../uwsgi/request.ts';
import { sendError } from './error-response.ts';
import { createFindApplication } from './mounts.ts';
import type { WatchedListener } from './request-watch.ts';

/** How long the module of an application may take to load, what it awaits included, in seconds. */
export const applicationStartSecondsMax = 30;

/** How long the `close` of an application may take, in seconds. */
export const applicationStopSecondsMax = 5;

export interface NodeApplication {
  readonly listener: WatchedListener;
  /** Modules that do not load or export no listener. While there is one, nothing may be served. */
  readonly problems: readonly Problem[];
  /** Calls what the modules export as `close`, each once. Never rejects. */
  close(): Promise<void>;
}

export interface NodeApplicationParts {
  /** Where the look-up of packages starts. */
  readonly baseDirectory: string;
  /** Where the application stands in the configuration, as `pools.blog.application`. */
  readonly at: string;
  /** Told why a `close` failed. */
  readonly onCloseFailed: (error: unknown) => void;
  readonly startSecondsMax?: number;
}

export async function openNodeApplication(
  { module, mounts }: ModuleApplication,
  parts: NodeApplicationParts,
): Promise<NodeApplication> {
  const loader = new Loader(parts);
  const root = await loader.load(module, `${parts.at}.module`);
  const mounted = new Map<string, Handler>();
  for (const [prefix, specifier] of Object.entries(mounts)) {
    mounted.set(prefix, await loader.load(specifier, `${parts.at}.mounts.${prefix}`));
  }
  return {
    listener: serve(root, mounted),
    problems: loader.problems,
    close: () => loader.close(),
  };
}

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** What Connect has told mounted applications since its beginnings; Express and others read it. */
interface MountedRequest extends IncomingMessage {
  originalUrl?: string;
  baseUrl?: string;
}

function serve(root: Handler, mounts: ReadonlyMap<string, Handler>): WatchedListener {
  const find = createFindApplication(root, mounts);
  return (request: MountedRequest, response, running) => {
    const url = request.url ?? '/';
    const found = find(url, scriptNameOf(request));
    if (found === undefined) return sendError(running, 'NOT_FOUND');
    if (found.prefix !== '') {
      request.url = found.target;
      request.originalUrl = url;
      request.baseUrl = found.prefix;
    }
    return found.application(request, response);
  };
}

function scriptNameOf(request: IncomingMessage): string {
  const scriptName = uwsgiOf(request)?.scriptName ?? '';
  return scriptName === '' ? '' : pathFromBytes(Buffer.from(scriptName, 'latin1'));
}

interface LoadedModule {
  readonly listener?: unknown;
  readonly default?: unknown;
  readonly close?: unknown;
}

class Loader {
  readonly problems: Problem[] = [];
  readonly #parts: NodeApplicationParts;
  /** By file: a module that is mounted twice is one. */
  readonly #modules = new Map<string, LoadedModule>();

  constructor(parts: NodeApplicationParts) {
    this.#parts = parts;
  }

  /** What stands in for a module that does not load answers nothing. */
  async load(specifier: string, at: string): Promise<Handler> {
    try {
      const seconds = this.#parts.startSecondsMax ?? applicationStartSecondsMax;
      return listenerOf(await within(seconds, this.#import(specifier), 'loaded'));
    } catch (error) {
      const message = `Cannot load the application ${specifier}: ${messageOf(error)}`;
      this.problems.push({ at, message });
      return () => {};
    }
  }

  async close(): Promise<void> {
    for (const { close } of this.#modules.values()) {
      if (typeof close !== 'function') continue;
      const closed = Promise.try(() => close());
      await within(applicationStopSecondsMax, closed, 'closed').catch(this.#parts.onCloseFailed);
    }
  }

  async #import(specifier: string): Promise<LoadedModule> {
    const file = this.#resolve(specifier);
    const module: LoadedModule = await import(pathToFileURL(file).href);
    this.#modules.set(file, module);
    return module;
  }

  #resolve(specifier: string): string {
    if (!path.isAbsolute(specifier)) {
      const { baseDirectory } = this.#parts;
      return createRequire(path.join(baseDirectory, 'portcullis.yaml')).resolve(specifier);
    }
    if (!existsSync(specifier)) throw new Error('there is no such file');
    return specifier;
  }
}

function listenerOf({ listener, default: byDefault }: LoadedModule): Handler {
  const handler = listener ?? byDefault;
  if (typeof handler === 'function') return handler as Handler;
  throw new Error(
    'it has to export a function of (request, response) as `listener` or as its default; of a Koa application that is `application.callback()`',
  );
}
