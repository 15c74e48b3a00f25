/** `time: { from, until, weekdays, hours, zone }`: when it is. */

import type { AuthorizerPlugin, Decision } from 'portcullis/plugin';
import { type Hours, parseOptions, type TimeOptions, weekdayNames } from './options.ts';

export const plugin: AuthorizerPlugin<TimeOptions> = {
  apiVersion: 1,
  name: 'time',
  summary: 'lets in clients at certain times',
  parseOptions,
  parseStoredOptions: parseOptions,

  create(options, { now }) {
    let period: Period | undefined;
    return {
      authorize: () => {
        const instant = now().getTime();
        // Also a clock that was set back, or shows no time, has left the period.
        if (period === undefined || !(instant >= period.since && instant < period.end)) {
          period = periodAt(instant, options);
        }
        return period.decision;
      },
    };
  },
};

/** A time in which the decision does not change, in milliseconds. */
interface Period {
  readonly since: number;
  /** The first moment after it. */
  readonly end: number;
  readonly decision: Decision;
}

const minuteMilliseconds = 60_000;

/** Windows and changes of clocks begin with a minute, so that nothing changes within one but these. */
function periodAt(instant: number, options: TimeOptions): Period {
  const decision = decide(new Date(instant), options);
  const nextMinute = (Math.floor(instant / minuteMilliseconds) + 1) * minuteMilliseconds;
  const bounds = [options.from, options.until].flatMap((bound) => bound?.getTime() ?? []);
  const end = Math.min(nextMinute, ...bounds.filter((bound) => bound > instant));
  return { since: instant, end, decision };
}

function decide(instant: Date, options: TimeOptions): Decision {
  const { from, until } = options;
  if (Number.isNaN(instant.getTime())) throw new RangeError('the clock shows no time');
  if (from !== undefined && instant < from) return refuse(`access begins at ${describe(from)}`);
  if (until !== undefined && instant >= until) return refuse(`access ended at ${describe(until)}`);
  return decideInWeek(instant, options);
}

function decideInWeek(instant: Date, { weekdays, hours, clock }: TimeOptions): Decision {
  const { weekday, minute } = clock.read(instant);
  const isOpen = (day: number): boolean => weekdays?.has(day) ?? true;
  const dayBefore = (weekday + 6) % 7;
  const isInWindow =
    hours === undefined
      ? isOpen(weekday)
      : hours.some(({ start, end }) =>
          start < end
            ? isOpen(weekday) && minute >= start && minute < end
            : (isOpen(weekday) && minute >= start) || (isOpen(dayBefore) && minute < end),
        );
  if (isInWindow) return { outcome: 'allow' };
  const now = `${weekdayNames[weekday]} ${timeOfDay(minute)} in ${clock.zone}`;
  return refuse(`it is ${now}, and access is given on ${describeWindows(weekdays, hours)}`);
}

function refuse(reason: string): Decision {
  return { outcome: 'deny', reason };
}

function describe(instant: Date): string {
  return instant.toISOString().replace('.000Z', 'Z');
}

function describeWindows(
  weekdays: ReadonlySet<number> | undefined,
  hours: readonly Hours[] | undefined,
): string {
  const days = weekdayNames.filter((_, weekday) => weekdays?.has(weekday));
  const times = hours?.map(({ start, end }) => `${timeOfDay(start)}-${timeOfDay(end)}`);
  const onDays = days.length === 0 ? 'all days' : days.join(', ');
  return times === undefined ? onDays : `${onDays} at ${times.join(', ')}`;
}

function timeOfDay(minutes: number): string {
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60];
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}
