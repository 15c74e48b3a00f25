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

/** A user or group of the host: its name, or its number. */
export type Account = string | number;

/** Who may connect to a unix socket. */
export interface SocketAccess {
  /** Permission bits, as 0o660. */
  readonly mode: number;
  /** Undefined: who will run it. */
  readonly owner: Account | undefined;
  readonly group: Account | undefined;
}

/** Whether all workers of a pool accept from one socket, or each from its own (`workerAddress`). */
export type Sockets = 'shared' | 'worker';

export interface UwsgiListener extends SocketAccess {
  readonly address: ListenAddress;
  readonly sockets: Sockets;
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

export interface HttpListener extends SocketAccess {
  readonly address: ListenAddress;
  readonly sockets: Sockets;
  readonly handOff: HandOff;
  /** CIDR ranges whose identity headers are believed; peers on a unix socket are `unix`. */
  readonly trustedPeers: readonly string[];
  readonly headers: IdentityHeaders;
}

/** The built-in TLS listener always streams. */
export interface TlsListener {
  readonly address: ListenAddress;
  readonly sockets: Sockets;
  /** PEM files of the server. */
  readonly certificate: string;
  readonly key: string;
}

export interface DistributionConfiguration extends Distribution {
  /** Undefined: nobody gets in, unless the store says who does. */
  readonly access: PolicyNode | undefined;
  /** Where in it another policy decides alone; no path twice. */
  readonly paths: readonly PathPolicy[];
}

/** A part of a distribution that has a policy of its own. */
export interface PathPolicy {
  /** Whole segments without a leading or trailing slash, as `private/rpms`. */
  readonly path: string;
  readonly access: PolicyNode;
}

/** A policy that others refer to. */
export interface NamedPolicy {
  readonly name: string;
  readonly access: PolicyNode;
}

/** What `nginx-config` renders besides the listeners. */
export interface NginxConfiguration {
  readonly serverName: string;
  readonly listen: readonly string[];
  readonly certificate: string;
  readonly key: string;
  /** Where nginx writes down the requests that it refuses by itself. */
  readonly refusalLog: string;
  /** Where nginx writes down all requests; undefined: beside the refusal log. */
  readonly accessLog: string | undefined;
  /** How long nginx may go by an allow without asking, seconds; 0: it asks each time. */
  readonly edgeDecisionSeconds: number;
  /** Where nginx writes down what it serves by a decision that it remembers; undefined: as above. */
  readonly decisionLog: string | undefined;
  /** The directory in which nginx keeps decisions. */
  readonly decisionCache: string;
}

/** What a worker does of Portcullis itself: it serves content, serves the API, or does tasks. */
export type Role = 'content' | 'api' | 'tasks';

/** Where users, roles, sessions and tasks are kept: in MongoDB if one of its two is there. */
export interface StoreConfiguration {
  /** The database of SQLite. */
  readonly file: string;
  /** With its credentials. */
  readonly mongodbUrl: string | undefined;
  /** The file that holds such a URL. */
  readonly mongodbUrlFile: string | undefined;
  /** Whether something of it was written, so that somebody means there to be one. */
  readonly isNamed: boolean;
}

export interface ApiConfiguration {
  /** PEM files of the CA that signs sessions; they are made when there are none. */
  readonly sessionCertificate: string;
  readonly sessionKey: string;
  /** How long a session is good. */
  readonly sessionSeconds: number;
  /** How long the certificate of a consumer is good. */
  readonly consumerCertificateSeconds: number;
  /** The CA of the front's certificate, for consumers; absolute. */
  readonly frontAuthority: string | undefined;
  /** The longest body of a call. */
  readonly bodyBytes: number;
  /** Undefined: the API signs no links. */
  readonly links: LinksConfiguration | undefined;
}

/** How the API signs links to content. */
export interface LinksConfiguration {
  /** The file of the keys, of which the first signs. */
  readonly keys: string;
  /** What stands before the path of a link, as `https://cdn.example.com`. */
  readonly origin: string;
  /** How long a link may be valid. */
  readonly secondsMax: number;
}

/** Node applications, by absolute paths of their modules or names of packages. */
export interface ModuleApplication {
  readonly module: string;
  /** Modules by their prefix (SCRIPT_NAME), which begins with `/` and does not end with one. */
  readonly mounts: Readonly<Record<string, string>>;
}

export interface PoolConfiguration {
  /** `main` for the pool that the top level of the file describes. */
  readonly name: string;
  /** Empty where there is an application, and only there. */
  readonly roles: readonly Role[];
  readonly application: ModuleApplication | undefined;
  /** `auto` is one for each core of the host (`workerCount`). */
  readonly workers: number | 'auto';
  /** At least one, but none where `tasks` is the only role. */
  readonly listen: Listeners;
}

export interface Listeners {
  readonly uwsgi: UwsgiListener | undefined;
  readonly http: HttpListener | undefined;
  readonly tls: TlsListener | undefined;
}

/** When the primary steps in with a worker. Times are seconds. */
export interface SupervisionConfiguration {
  readonly heartbeatSeconds: number;
  readonly silenceSeconds: number;
  readonly answerSeconds: number;
  readonly abortSeconds: number;
  readonly bootSeconds: number;
  readonly backOffSeconds: number;
  readonly backOffSecondsMax: number;
  readonly bootAttemptsMax: number;
  /** 0: never. */
  readonly recycle: {
    readonly requests: number;
    readonly ageSeconds: number;
    readonly memoryMebibytes: number;
    /** Share of each limit. */
    readonly jitter: number;
  };
  /** 0: never. */
  readonly memoryMebibytesMax: number;
}

export interface MonitorConfiguration {
  readonly stats: (SocketAccess & { readonly address: ListenAddress }) | undefined;
  readonly metrics: { readonly address: ListenAddress } | undefined;
}

/** Where the bytes of repositories lie. */
export interface StorageConfiguration {
  /** Absolute. */
  readonly directory: string;
  /** Of one uploaded file. */
  readonly uploadBytesMax: number;
  /** How long an upload is kept to which nothing is added. */
  readonly uploadExpireSeconds: number;
  /** How long a publication is served after the next one took its place. */
  readonly publicationGraceSeconds: number;
  /** Of one distributor, with the present one and besides those in grace. */
  readonly publicationsKept: number;
}

/** The bounds of taking over remote repositories. */
export interface SyncConfiguration {
  /** Addresses and ranges in CIDR notation, besides the public ones, that may be connected to. */
  readonly addresses: readonly string[];
  /** Files at a time, whatever an importer says. */
  readonly downloads: number;
  /** How often a file is asked for in vain. */
  readonly attempts: number;
  /** Until a connection is there. */
  readonly connectSeconds: number;
  /** Without a byte from the other side. */
  readonly idleSeconds: number;
  /** For one file, with all attempts. */
  readonly fileSeconds: number;
  /** Of one file of content. */
  readonly fileBytesMax: number;
  /** Of one file of metadata, as it is sent. */
  readonly metadataBytesMax: number;
  /** Of one file of metadata, uncompressed. */
  readonly openMetadataBytesMax: number;
  /** Of one kind of metadata. */
  readonly unitsMax: number;
  /** Whether a file may be taken of which only a digest is known that can be forged. */
  readonly weakDigests: boolean;
}

/** What the repositories of the store are published with. */
export interface RepositoriesConfiguration {
  /** Who may read what neither the store nor a distributor says it of; undefined: nobody. */
  readonly access: PolicyNode | undefined;
  /** The secret key that signs metadata; absolute. */
  readonly gpgKeyFile: string | undefined;
  readonly gpgPassphraseFile: string | undefined;
  /** Where trees may lie that are served in place; absolute. */
  readonly directoryRoots: readonly string[];
}

export interface Configuration {
  /** The file it was read from; undefined when there was none. */
  readonly file: string | undefined;
  /** Relative paths start here. */
  readonly baseDirectory: string;
  /** Of the main pool. */
  readonly listen: Listeners;
  /** The main pool first; each name once. */
  readonly pools: readonly PoolConfiguration[];
  readonly content: {
    /** Each begins and ends with `/`. */
    readonly prefixes: readonly string[];
    /** Where distributions of repositories are served, by their areas; begin and end with `/`. */
    readonly repositoryPrefix: string;
    readonly isoPrefix: string;
    /** Where keys and what belongs to the server are, for everybody; begin and end with `/`. */
    readonly keyPrefix: string;
    readonly staticPrefix: string;
    /** Of the URLs that clients are told; undefined: nobody said it. */
    readonly origin: string | undefined;
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
    /** How long rules go by what they have in memory of a store that is away. */
    readonly storeOutageSeconds: number;
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
    /** Time until the response begins. */
    readonly requestSeconds: number;
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
  /** Each name once. All that any policy refers to is here. */
  readonly policies: readonly NamedPolicy[];
  readonly nginx: NginxConfiguration;
  readonly process: {
    /** Undefined: who started it. */
    readonly user: Account | undefined;
    /** Undefined: the group of the user. */
    readonly group: Account | undefined;
    readonly pidFile: string | undefined;
    /** Permission bits of the directories that are made for sockets and the pid file. */
    readonly directoryMode: number;
  };
  readonly supervision: SupervisionConfiguration;
  readonly monitor: MonitorConfiguration;
  readonly store: StoreConfiguration;
  readonly storage: StorageConfiguration;
  readonly repositories: RepositoriesConfiguration;
  readonly sync: SyncConfiguration;
  readonly api: ApiConfiguration;
  readonly tasks: {
    /** How many tasks one worker does at a time. */
    readonly concurrency: number;
    /** Where listeners to events may be besides public addresses. */
    readonly eventAddresses: readonly string[];
  };
  /** The decision log in the store. */
  readonly audit: {
    readonly inStore: boolean;
    /** Decisions that are kept at most. */
    readonly entries: number;
    readonly days: number;
    readonly usageDays: number;
    /** Certificates of clients that are kept at most. */
    readonly certificates: number;
  };
}
