/** Who reaches the TLS listener where it is a unix socket. */

/** Permission bits: nobody but the owner of its file, since what comes there has passed no front. */
export const tlsSocketMode = 0o600;
