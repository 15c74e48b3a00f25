/** The environment that a vassal gets. */

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What is the emperor's own: settings, which would become those of every vassal; and what the service
 * manager has passed to it alone.
 */
const emperorsOwn = /^(?:PORTCULLIS_.*|NOTIFY_SOCKET|WATCHDOG_.*|LISTEN_.*|NODE_CHANNEL_.*)$/;

/** Another user gets what says where programs are and how to write, and no secret of root's. */
const harmless = /^(?:PATH|LANG|LANGUAGE|LC_.*|TZ)$/;

export function vassalEnvironment(environment: Environment, isTyrant: boolean): Environment {
  const isPassed = (name: string): boolean =>
    isTyrant ? harmless.test(name) : !emperorsOwn.test(name);
  return Object.fromEntries(Object.entries(environment).filter(([name]) => isPassed(name)));
}
