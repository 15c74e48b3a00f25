/** The frozen configuration that everything below the root receives: checked, complete, absolute. */

import type { ListenAddress } from '../listen-address.ts';
import type { LogLevel } from '../log.ts';
import type { Distribution, PolicyNode } from '../model.ts';

/**
 * How the bytes of an allowed file reach the client: sent by us, by nginx, by Apache with
 * mod_xsendfile 0.12 (which takes the path as it is), or by lighttpd and mod_xsendfile 1.0 (which
 * percent-decode it).
 */
export type HandOff = 'stream' | 'x-accel-redirect' | 'x-sendfile' | 'x-sendfile-encoded';

export interface UwsgiListener {
  readonly address: ListenAddress;
  /** Permission bits of the unix socket, as 0o660. */
  readonly mode: number;
  readonly handOff: HandOff;
  /** CIDR ranges of TCP peers that may speak at all (T05, T72). */
  readonly allowedPeers: readonly string[];
  /** Whether the parameter REMOTE_USER names a user whom the front authenticated. */
  readonly trustRemoteUser: boolean;
}

/** Names of the headers in which a trusted front hands over what it knows; undefined: not believed. */
export interface IdentityHeaders {
  readonly clientCertificate: string | undefined;
  readonly clientVerify: string | undefined;
  readonly clientAddress: string | undefined;
  readonly scheme: string | undefined;
  readonly remoteUser: string | undefined;
}

export interface HttpListener {
  readonly address: ListenAddress;
  readonly mode: number;
  readonly handOff: HandOff;
  /** CIDR ranges whose identity headers are believed; peers on a unix socket are `unix`. */
  readonly trustedPeers: readonly string[];
  readonly headers: IdentityHeaders;
}

/** The built-in TLS listener always streams. */
export interface TlsListener {
  readonly address: ListenAddress;
  /** PEM files of the server. */
  readonly certificate: string;
  readonly key: string;
}

export interface DistributionConfiguration extends Distribution {
  /** Undefined: nobody gets in. */
  readonly access: PolicyNode | undefined;
}

/** What `nginx-config` renders besides the listeners. */
export interface NginxConfiguration {
  readonly serverName: string;
  readonly listen: readonly string[];
  readonly certificate: string;
  readonly key: string;
  /** Where nginx writes down the requests that it refuses by itself. */
  readonly refusalLog: string;
}

export interface Configuration {
  /** The file it was read from; undefined when there was none. */
  readonly file: string | undefined;
  /** Relative paths start here. */
  readonly baseDirectory: string;
  readonly listen: {
    readonly uwsgi: UwsgiListener | undefined;
    readonly http: HttpListener | undefined;
    readonly tls: TlsListener | undefined;
  };
  readonly content: {
    /** Each begins and ends with `/`. */
    readonly prefixes: readonly string[];
    /** The internal location of X-Accel-Redirect; begins and ends with `/`. */
    readonly internalPrefix: string;
    /** Names that begin with a dot are hidden, but for these. */
    readonly visibleDotNames: readonly string[];
    /** Entries on one page of a listing. */
    readonly listingPageEntries: number;
    /** Ranges in one request; above it the whole file is sent. */
    readonly rangesMax: number;
    /** Cache-Control of everything that is served by a policy. */
    readonly cacheControl: string;
  };
  readonly access: {
    /** The realm of Basic challenges. */
    readonly realm: string;
    /** How long a decision is remembered at most; 0: never. */
    readonly rememberSeconds: number;
    /** How many decisions are remembered in one worker. */
    readonly rememberEntries: number;
    /** After it a rule's answer is a fault. */
    readonly timeLimitSeconds: number;
    /** Retry-After of 503. */
    readonly retryAfterSeconds: number;
    /** Password checks that run or wait at once; above it a fault. */
    readonly passwordChecksMax: number;
  };
  readonly limits: {
    /** The whole uwsgi packet has to arrive within it. */
    readonly packetSeconds: number;
    /** The longest silence while a body arrives or a response is taken. */
    readonly idleSeconds: number;
    readonly packetBytes: number;
    readonly packetVariables: number;
    readonly bodyBytes: number;
    /** The header block of the HTTP and TLS listeners. */
    readonly headerBytes: number;
    /** Time that running requests get when the server stops. */
    readonly drainSeconds: number;
  };
  readonly log: { readonly level: LogLevel; readonly file: string | undefined };
  /** Packages or paths of plugins besides those in auth-plugins/. */
  readonly plugins: readonly string[];
  readonly distributions: readonly DistributionConfiguration[];
  readonly nginx: NginxConfiguration;
}
