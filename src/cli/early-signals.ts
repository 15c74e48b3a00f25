/** Signals that come before a server can obey them, or when it no longer can. */

/** Those that would end the process, stop it, or (SIGUSR1) have Node open a debugger to every local user. */
const signals = ['SIGHUP', 'SIGUSR1', 'SIGTTIN', 'SIGTTOU'] as const;

export interface EarlySignals {
  /** Gives those that have come to the listeners that are there by now, each once. */
  replay(): void;
}

/** From now on, to the end of the process, none of them does what it does by default. */
export function holdSignals(): EarlySignals {
  const came = new Set<NodeJS.Signals>();
  let hasReplayed = false;
  const hold = (signal: NodeJS.Signals): void => {
    if (!hasReplayed) came.add(signal);
  };
  for (const signal of signals) process.on(signal, hold);
  return {
    replay: () => {
      hasReplayed = true;
      for (const signal of came) process.emit(signal, signal);
    },
  };
}
