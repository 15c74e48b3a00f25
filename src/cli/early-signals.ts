/** Signals that come before a server can obey them, or when it no longer can. */

/** Those that would end the process, stop it, or (SIGUSR1) have Node open a debugger to every local user. */
const signals = ['SIGHUP', 'SIGUSR1', 'SIGTTIN', 'SIGTTOU'] as const;

const stopSignals = ['SIGTERM', 'SIGINT'] as const;

/** A second one that asks for the end says that it is to come at once; a third says nothing new. */
const stopsKept = 2;

export interface EarlySignals {
  /**
   * From now on those that ask for the end wait as well: to be called before something is made that
   * has to be removed in the end, as a pid file or a socket, and when the replay is near.
   */
  holdStops(): void;
  /** Gives those that have come to the listeners that are there by now: each once, and all that stop. */
  replay(): void;
}

/** From now on, to the end of the process, none of them does what it does by default. */
export function holdSignals(): EarlySignals {
  const came = new Set<NodeJS.Signals>();
  const stops: NodeJS.Signals[] = [];
  const hold = (signal: NodeJS.Signals): void => void came.add(signal);
  const holdStop = (signal: NodeJS.Signals): void => {
    if (stops.length < stopsKept) stops.push(signal);
  };
  // It stays, so that the signal never again does what it does by default.
  let onSignal = hold;
  for (const signal of signals) process.on(signal, (each: NodeJS.Signals) => onSignal(each));
  return {
    holdStops: () => {
      for (const signal of stopSignals) process.on(signal, holdStop);
    },
    replay: () => {
      onSignal = () => {};
      for (const signal of stopSignals) process.off(signal, holdStop);
      for (const signal of [...came, ...stops]) process.emit(signal, signal);
    },
  };
}
