/** How far a task is, out of the progress reports of Pulp: of publishes, syncs, and everything else. */

import type { Step } from '../present/progress.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../untrusted.ts';

/** @param task as the API shows it */
export function stepsOf(task: Fields): readonly Step[] {
  const state = textOf(task.state);
  const parts = Object.values(fieldsOf(task.progress_report)).flatMap((report) =>
    Array.isArray(report) ? report.flatMap(publishStep) : syncSteps(fieldsOf(report)),
  );
  return parts.length > 0 ? parts : [{ name: operationOf(task), done: 0, total: 0, text: state }];
}

/** One step of a publish (`step_type`, `num_processed`, `items_total`). */
function publishStep(raw: unknown): readonly Step[] {
  const step = fieldsOf(raw);
  const state = textOf(step.state);
  if (state === 'NOT_STARTED' || state === 'SKIPPED') return [];
  const total = numberOf(step.items_total);
  const done = state === 'FINISHED' ? Math.max(total, 1) : numberOf(step.num_processed);
  const name = textOf(step.description) || textOf(step.step_type);
  const text = total > 0 ? `${numberOf(step.num_processed)} of ${total}` : stateText(state);
  return [{ name, done, total: Math.max(total, 1), text }];
}

/** The parts of a sync, by their names: `content` counts its items and their bytes. */
function syncSteps(report: Fields): readonly Step[] {
  return Object.entries(report).flatMap(([name, raw]) => {
    const part = fieldsOf(raw);
    const state = textOf(part.state);
    if (state === '' || state === 'NOT_STARTED' || state === 'SKIPPED') return [];
    const total = numberOf(part.items_total);
    const done = total - numberOf(part.items_left);
    return total > 0
      ? [{ name, done, total, text: `${done} of ${total}${bytesText(part)}` }]
      : [{ name, done: state === 'FINISHED' ? 1 : 0, total: 1, text: stateText(state) }];
  });
}

function bytesText({ size_total: size, size_left: left }: Fields): string {
  const total = numberOf(size);
  return total > 0 ? `, ${sizeText(total - numberOf(left))} of ${sizeText(total)}` : '';
}

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `1536` is `1.5 KiB`. */
export function sizeText(bytes: number): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`;
}

/** `pulp:action:publish` is `publish`. */
function operationOf(task: Fields): string {
  const actions = listOf(task.tags)
    .map(textOf)
    .filter((tag) => tag.startsWith('pulp:action:'));
  return actions.map((tag) => tag.slice('pulp:action:'.length)).join(', ') || 'Task';
}

function stateText(state: string): string {
  return state.toLowerCase().replaceAll('_', ' ');
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
