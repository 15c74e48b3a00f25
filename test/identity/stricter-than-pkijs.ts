/** Why we refuse what pkijs accepts: all reasons, and for each a certificate. */

import { derTags } from '../../src/identity/der.ts';
import {
  encodeElement,
  encodeOid,
  encodeSequence,
  encodeUnsigned,
} from '../../src/identity/der-writer.ts';
import type { Credential, Pki } from '../support/pki.ts';
import { resign, type TbsParts } from '../support/resign.ts';

export interface Strictness {
  /** As we say it. */
  readonly reason: RegExp;
  /** Why it is right to. */
  readonly why: string;
  /** A chain from the client's certificate to the anchor. */
  readonly example: (issuing: Issuing) => Promise<readonly Credential[]>;
}

export interface Issuing {
  readonly pki: Pki;
  readonly root: Credential;
  /** Of `root`. */
  readonly client: Credential;
}

export const strictness: readonly Strictness[] = [
  {
    reason: /not encoded as DER wants|holds more than it may|is cut off|is missing|ASN\.1 type/,
    why: 'it reads BER, and passes over what it does not expect; of two spellings two readers may differ',
    example: signedAgain((parts) => {
      parts.serial = Buffer.concat([Buffer.of(derTags.integer, 3), Buffer.of(0, 0, 7)]);
    }),
  },
  {
    reason: /its validity is not a time/,
    why: 'it takes fractions, zones, and moments of no calendar',
    example: signedAgain((parts) => {
      const time = (text: string) => encodeElement(derTags.generalizedTime, Buffer.from(text));
      parts.validity = encodeSequence(time('20250101000000Z'), time('20490101000000.5Z'));
    }),
  },
  {
    reason: /two statements of the signature algorithm differ/,
    why: 'RFC 5280 section 4.1.1.2; it reads the one that nobody signed',
    example: signedAgain((parts) => {
      parts.algorithm = encodeSequence(encodeOid('1.2.840.10045.4.3.3'));
    }),
  },
  {
    reason: /its version is (not known|negative|too large)/,
    why: 'what a later version would say, nobody knows',
    example: signedAgain((parts) => {
      parts.version = encodeElement(0xa0, encodeUnsigned(3n));
    }),
  },
  {
    reason: /its serial number is (negative|longer)/,
    why: 'a deny-list has one spelling for each (T19e)',
    example: signedAgain((parts) => {
      parts.serial = encodeElement(derTags.integer, Buffer.alloc(21, 0x7f));
    }),
  },
  {
    reason: /an empty part|(is|are) empty|no text|not valid text|64 attributes/,
    why: 'a name is compared by what it says (T19d), and has to say something, as a number has',
    example: signedAgain((parts) => {
      parts.subject = encodeSequence(encodeElement(derTags.set));
    }),
  },
  {
    reason: /is there twice/,
    why: 'RFC 5280 section 4.2; two readers may believe another one each',
    example: signedAgain((parts) => {
      const usage = '0603551d0f0101ff040403020780';
      const hex = parts.extensions.toString('hex');
      if (!hex.includes(usage)) throw new Error('there is no keyUsage');
      const list = Buffer.from(hex, 'hex').subarray(4 + (parts.extensions[1] === 0x81 ? 2 : 0));
      const twice = Buffer.concat([list, encodeSequence(Buffer.from(usage, 'hex'))]);
      parts.extensions = encodeElement(0xa3, encodeSequence(twice));
    }),
  },
  {
    reason: /its key is of a kind|(RSA|elliptic|Ed25519) key|its elliptic curve/,
    why: 'it never looks at the key of the client (T19a)',
    example: async ({ pki, root }) => [await pki.client(root, { key: 'rsa-1024' }), root],
  },
  {
    reason: /is signed with/,
    why: 'it takes SHA-1 (T19a)',
    example: async ({ pki, root }) => [await pki.client(root, { digest: 'sha1' }), root],
  },
  {
    reason: /it is a CA certificate/,
    why: 'a CA that asks for content is no client, and may sign itself others',
    example: async ({ pki, root }) => [await pki.authority({}, root), root],
  },
  {
    reason: /keyUsage lacks digitalSignature/,
    why: 'RFC 5280 section 4.2.1.3: it proves no key in TLS',
    example: withExtensions({ keyUsage: 'critical,keyEncipherment' }),
  },
  {
    reason: /extendedKeyUsage does not name clientAuth/,
    why: 'it does not look at purposes (T17)',
    example: withExtensions({ extendedKeyUsage: 'serverAuth' }),
  },
  {
    reason: /a critical extension that is not known/,
    why: 'RFC 5280 section 4.2',
    example: withExtensions({ '1.2.3.4': 'critical,ASN1:UTF8String:x' }),
  },
  {
    reason: /constraints on names or policies/,
    why: 'nobody here evaluates them, and a part of them it does (T18)',
    example: async ({ pki, root }) => {
      const extensions = { nameConstraints: 'permitted;DNS:.example.org' };
      const middle = await pki.authority({ subject: '/CN=middle', extensions }, root);
      return [await pki.client(middle), middle, root];
    },
  },
  {
    reason: /its pathLenConstraint allows/,
    why: 'it does not count CAs (T18)',
    example: async ({ pki }) => {
      const extensions = { basicConstraints: 'critical,CA:TRUE,pathlen:0' };
      const root = await pki.authority({ subject: '/CN=short', extensions });
      const middle = await pki.authority({ subject: '/CN=middle' }, root);
      return [await pki.client(middle), middle, root];
    },
  },
  {
    reason: /is not among the accepted CAs/,
    why: 'key identifiers have to be the same where both sides have one; and it was shown the path',
    example: signedAgain((parts) => {
      const extension = encodeSequence(
        encodeOid('2.5.29.35'),
        encodeElement(derTags.octetString, encodeSequence(encodeElement(0x80, Buffer.from('odd')))),
      );
      parts.extensions = encodeElement(0xa3, encodeSequence(extension));
    }),
  },
  {
    reason: /is not made of whole bytes/,
    why: 'no key and no signature ends within a byte',
    example: signedAgain((parts) => {
      const at = parts.publicKey.length - 66;
      parts.publicKey[at] = 1;
    }),
  },
];

function signedAgain(change: (parts: TbsParts) => void): Strictness['example'] {
  return async ({ root, client }) => [resign(client, root, change), root];
}

function withExtensions(extensions: Readonly<Record<string, string>>): Strictness['example'] {
  return async ({ pki, root }) => [await pki.client(root, { extensions }), root];
}
