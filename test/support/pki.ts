/** Certificates made by the openssl program: what we verify was not made by what we verify with. */

import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runOk } from './processes.ts';
import { temporaryDirectory } from './temporary.ts';

export type KeyAlgorithm =
  | 'ec-p256'
  | 'ec-p384'
  | 'ec-secp256k1'
  | 'ec-explicit'
  | 'rsa-1024'
  | 'rsa-2048'
  | 'ed25519';

/** A certificate with its key, as PEM files and as their text. */
export interface Credential {
  readonly certificatePath: string;
  readonly keyPath: string;
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS #8. */
  readonly key: string;
  readonly der: Uint8Array;
}

export interface CertificateOptions {
  /** As openssl's `-subj`: `/O=Acme/CN=one`, several values in one RDN joined by `+`. */
  readonly subject?: string;
  /** Makes a new key of this kind, or certifies the key of another credential once more. */
  readonly key?: KeyAlgorithm | Credential;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Hex, an even number of digits. Random when absent. */
  readonly serial?: string;
  /** The signature's digest; ignored for an Ed25519 issuer. */
  readonly digest?: 'sha256' | 'sha384' | 'sha1' | 'md5';
  /** openssl's `string_mask`: which ASN.1 string types the subject uses. */
  readonly stringMask?: string;
  /** Lines of openssl's x509v3 configuration, over the kind's own; undefined leaves one out. */
  readonly extensions?: Readonly<Record<string, string | undefined>>;
}

export interface Pki extends Disposable {
  readonly directory: string;
  /** The path of `name` in the directory. */
  file(name: string): string;
  /** Writes `text` (PEM blocks, joined) and returns the path. */
  write(name: string, ...text: readonly string[]): string;
  /** A CA: self-signed without `issuer`. */
  authority(options?: CertificateOptions, issuer?: Credential): Promise<Credential>;
  client(issuer: Credential | undefined, options?: CertificateOptions): Promise<Credential>;
  /** For `localhost`, 127.0.0.1 and ::1. */
  server(issuer: Credential | undefined, options?: CertificateOptions): Promise<Credential>;
}

/** An empty public key infrastructure in a temporary directory that goes with it. */
export function createPki(): Pki {
  const directory = temporaryDirectory();
  let count = 0;
  const issue = (kind: Kind, options: CertificateOptions, issuer: Credential | undefined) => {
    count += 1;
    return issueCertificate(directory.file(`${count}-${kind}`), kind, options, issuer);
  };
  return {
    directory: directory.path,
    file: directory.file,
    write: (name, ...text) => {
      writeFileSync(directory.file(name), text.join(''));
      return directory.file(name);
    },
    authority: (options = {}, issuer) => issue('authority', options, issuer),
    client: (issuer, options = {}) => issue('client', options, issuer),
    server: (issuer, options = {}) => issue('server', options, issuer),
    [Symbol.dispose]: () => directory[Symbol.dispose](),
  };
}

/** The date `days` days after `from`; negative days are before it. */
export function daysFrom(from: Date, days: number): Date {
  return new Date(from.getTime() + days * 86_400_000);
}

type Kind = 'authority' | 'client' | 'server';

const extensionsOf: Readonly<Record<Kind, Readonly<Record<string, string>>>> = {
  authority: {
    basicConstraints: 'critical,CA:TRUE',
    keyUsage: 'critical,keyCertSign,cRLSign',
    subjectKeyIdentifier: 'hash',
    authorityKeyIdentifier: 'keyid',
  },
  client: {
    basicConstraints: 'critical,CA:FALSE',
    keyUsage: 'critical,digitalSignature',
    extendedKeyUsage: 'clientAuth',
    subjectKeyIdentifier: 'hash',
    authorityKeyIdentifier: 'keyid',
  },
  server: {
    basicConstraints: 'critical,CA:FALSE',
    keyUsage: 'critical,digitalSignature,keyEncipherment',
    extendedKeyUsage: 'serverAuth',
    subjectAltName: 'DNS:localhost,IP:127.0.0.1,IP:::1',
    subjectKeyIdentifier: 'hash',
    authorityKeyIdentifier: 'keyid',
  },
};

const keyArguments: Readonly<Record<KeyAlgorithm, readonly string[]>> = {
  'ec-p256': ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  'ec-p384': ['EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  'ec-secp256k1': ['EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1'],
  'ec-explicit': [
    'EC',
    ...['-pkeyopt', 'ec_paramgen_curve:P-256'],
    ...['-pkeyopt', 'ec_param_enc:explicit'],
  ],
  'rsa-1024': ['RSA', '-pkeyopt', 'rsa_keygen_bits:1024'],
  'rsa-2048': ['RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  ed25519: ['ED25519'],
};

/** `openssl ca` rather than `openssl x509`: before OpenSSL 3.4 it alone takes both dates. */
async function issueCertificate(
  directory: string,
  kind: Kind,
  options: CertificateOptions,
  issuer: Credential | undefined,
): Promise<Credential> {
  mkdirSync(directory);
  const file = (name: string): string => path.join(directory, name);
  const keyPath = await makeKey(file('key.pem'), options.key ?? 'ec-p256');
  writeFileSync(file('index.txt'), '');
  if (options.serial !== undefined) writeFileSync(file('serial'), `${options.serial}\n`);
  writeFileSync(file('openssl.cnf'), configuration(directory, kind, options));
  const common = ['-config', file('openssl.cnf'), '-utf8'];
  const subject = options.subject ?? `/O=Acme/CN=${kind}`;
  await runOk('openssl', [
    ...['req', '-new', ...common, '-subj', subject],
    ...['-key', keyPath, '-out', file('request.pem')],
  ]);
  const signer =
    issuer === undefined
      ? ['-selfsign', '-keyfile', keyPath]
      : ['-cert', issuer.certificatePath, '-keyfile', issuer.keyPath];
  await runOk('openssl', [
    ...['ca', '-batch', '-notext', '-preserveDN', ...common, ...signer, ...dateArguments(options)],
    ...['-in', file('request.pem'), '-out', file('certificate.pem')],
  ]);
  return readCredential(file('certificate.pem'), keyPath);
}

async function makeKey(file: string, key: KeyAlgorithm | Credential): Promise<string> {
  if (typeof key !== 'string') return key.keyPath;
  const [algorithm = '', ...parameters] = keyArguments[key];
  await runOk('openssl', ['genpkey', '-out', file, '-algorithm', algorithm, ...parameters]);
  return file;
}

function configuration(directory: string, kind: Kind, options: CertificateOptions): string {
  const extensions = Object.entries({ ...extensionsOf[kind], ...options.extensions })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} = ${value}`);
  return `[req]
distinguished_name = subject
string_mask = ${options.stringMask ?? 'utf8only'}
[subject]
[ca]
default_ca = issue
[issue]
database = ${directory}/index.txt
new_certs_dir = ${directory}
${options.serial === undefined ? 'rand_serial = yes' : `serial = ${directory}/serial`}
default_md = ${options.digest ?? 'sha256'}
policy = anything
email_in_dn = yes
unique_subject = no
x509_extensions = extensions
[anything]
[extensions]
${extensions.join('\n')}
`;
}

function dateArguments(options: CertificateOptions): readonly string[] {
  const notBefore = options.notBefore ?? daysFrom(new Date(), -1);
  const notAfter = options.notAfter ?? daysFrom(new Date(), 365);
  return ['-startdate', asn1Time(notBefore), '-enddate', asn1Time(notAfter)];
}

/** GeneralizedTime; openssl writes UTCTime where RFC 5280 section 4.1.2.5 wants it. */
function asn1Time(date: Date): string {
  return `${date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
}

function readCredential(certificatePath: string, keyPath: string): Credential {
  const certificate = readFileSync(certificatePath, 'utf8');
  return {
    certificatePath,
    keyPath,
    certificate,
    key: readFileSync(keyPath, 'utf8'),
    der: new Uint8Array(new X509Certificate(certificate).raw),
  };
}
