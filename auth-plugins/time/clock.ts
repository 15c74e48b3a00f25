/** What the clocks on the walls of a time zone show, with its changes of daylight saving time. */

/** A moment of the week. */
export interface WallTime {
  /** 0 is Monday. */
  readonly weekday: number;
  /** Minutes since midnight, as the clock shows them. */
  readonly minute: number;
}

/** A date and a time of day without a zone, as a calendar and a clock show them. */
export interface LocalTime {
  readonly year: number;
  /** 1 is January. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

export interface Clock {
  readonly zone: string;
  read(instant: Date): WallTime;
  /** The moments in which the clocks show `local`: one, none where they are set forward, or two. */
  instantsOf(local: LocalTime): readonly Date[];
}

const dayMilliseconds = 86_400_000;

/** @throws RangeError when the zone is not known */
export function openClock(zone: string): Clock {
  const format = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const show = (instant: Date): number => asIfUtc(readParts(format.formatToParts(instant)));
  return {
    zone,
    read: (instant) => {
      const shown = new Date(show(instant));
      return {
        weekday: (shown.getUTCDay() + 6) % 7,
        minute: shown.getUTCHours() * 60 + shown.getUTCMinutes(),
      };
    },
    instantsOf: (local) => {
      const wanted = asIfUtc(local);
      // The offsets of the day before and the day after are all that there can be.
      const offsets = [-dayMilliseconds, dayMilliseconds].map((away) => {
        const near = wanted + away;
        return show(new Date(near)) - near;
      });
      return [...new Set(offsets)]
        .map((offset) => new Date(wanted - offset))
        .filter((instant) => show(instant) === wanted);
    },
  };
}

/** The time in milliseconds at which a clock in UTC shows `local`. */
export function asIfUtc({ year, month, day, hour, minute, second }: LocalTime): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function readParts(parts: readonly Intl.DateTimeFormatPart[]): LocalTime {
  const number = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((part) => part.type === type)?.value);
  return {
    year: number('year'),
    month: number('month'),
    day: number('day'),
    hour: number('hour'),
    minute: number('minute'),
    second: number('second'),
  };
}
