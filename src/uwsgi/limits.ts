/** Every limit of the uwsgi server: its name, unit and default. docs/uwsgi.md has the table. */

export interface UwsgiLimits {
  /** Size of the variable block, bytes. The protocol's 16-bit size can express no more than 65,535. */
  readonly packetBytes: number;
  /** Variables in one packet, repeated ones counted each time. */
  readonly packetVariables: number;
  /** The request target (path and query), bytes. */
  readonly uriBytes: number;
  /** A request body, bytes after removal of the chunked framing. 0: no body at all. */
  readonly bodyBytes: number;
  /** From the connection to the last byte of the packet, seconds in all. */
  readonly packetSeconds: number;
  /** The longest silence while the listener waits for body bytes, or the front takes no response. */
  readonly idleSeconds: number;
  /** How long a front may keep sending after our last byte before the connection is destroyed. */
  readonly lingerSeconds: number;
  /** Time that running requests get when the server closes. */
  readonly drainSeconds: number;
}

export const defaultUwsgiLimits: UwsgiLimits = Object.freeze({
  packetBytes: 65_535,
  packetVariables: 1000,
  uriBytes: 16_384,
  bodyBytes: 1_048_576,
  packetSeconds: 10,
  idleSeconds: 60,
  lingerSeconds: 5,
  drainSeconds: 30,
});
