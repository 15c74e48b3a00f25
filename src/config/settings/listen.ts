/** Where Portcullis listens, and which fronts it believes. */

import { describeAddress } from '../../listen-address.ts';
import type { HandOff } from '../configuration.ts';
import { filePath } from '../kinds/files.ts';
import {
  headerName,
  isLoopback,
  listenAddress,
  peerRange,
  peerRangeOrUnix,
} from '../kinds/network.ts';
import { boolean, listOf, oneOf } from '../kinds/scalars.ts';
import type { Place } from '../place.ts';
import {
  type GroupValue,
  group,
  optionalGroup,
  optionalSetting,
  requiredSetting,
  setting,
} from '../setting.ts';
import { socketAccess, sockets } from './sockets.ts';

/** How many ranges of peers a listener may name. */
export const peerRangesMax = 1000;

const handOffs: readonly HandOff[] = [
  'stream',
  'x-accel-redirect',
  'x-sendfile',
  'x-sendfile-encoded',
];

const access = socketAccess('whoever may write to it can say who a client is');

const handOff = setting(oneOf(handOffs), {
  description:
    'How an allowed file reaches the client: sent by Portcullis (stream), or by the front on X-Accel-Redirect (nginx) or X-Sendfile (x-sendfile for Apache with mod_xsendfile 0.12, x-sendfile-encoded for lighttpd and mod_xsendfile 1.0).',
  default: 'stream',
  example: 'x-accel-redirect',
});

const uwsgiMembers = {
  address: setting(listenAddress, {
    description: 'Where the front connects to speak uwsgi.',
    default: 'unix:/run/portcullis/content.sock',
    example: 'unix:/run/portcullis/content.sock',
  }),
  ...access,
  sockets,
  handOff,
  allowedPeers: setting(listOf(peerRange, { max: peerRangesMax }), {
    description:
      'The TCP peers that may speak at all. On a loopback address an empty list means every process of this host; on any other address the list is required, because uwsgi has no authentication of its own.',
    default: [],
    example: ['10.20.0.10', '2001:db8::/64'],
  }),
  trustRemoteUser: setting(boolean, {
    description:
      'Whether the parameter REMOTE_USER names a user whom the front authenticated. With nginx it does only where auth_basic or another such module protects the very same location.',
    default: false,
    example: false,
  }),
};

export const uwsgiGroup = optionalGroup(
  'The uwsgi listener, for nginx, Apache and lighttpd. It is there when no listener is written.',
  uwsgiMembers,
  refuseOpenUwsgi,
);

const headersGroup = group(
  'The headers in which a trusted front says what it knows. A header that is not named here is never believed, and the front has to set or remove each that is.',
  {
    clientCertificate: optionalSetting(headerName, {
      description:
        'The client certificate as PEM, URL-encoded ($ssl_client_escaped_cert of nginx) or on one line.',
      example: 'X-SSL-Client-Cert',
    }),
    clientVerify: optionalSetting(headerName, {
      description: "The front's own verdict on the certificate ($ssl_client_verify of nginx).",
      example: 'X-SSL-Client-Verify',
    }),
    clientAddress: optionalSetting(headerName, {
      description: "The client's IP address.",
      example: 'X-Real-IP',
    }),
    scheme: optionalSetting(headerName, {
      description: "`https` when the client's own connection is TLS.",
      example: 'X-Forwarded-Proto',
    }),
    remoteUser: optionalSetting(headerName, {
      description: 'The user whom the front authenticated.',
      example: 'X-Remote-User',
    }),
  },
  (headers, place) => {
    const names = Object.values(headers)
      .filter((name) => name !== undefined)
      .map((name) => name.toLowerCase());
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
      place.report(`Cannot use the header ${twice} twice: each needs a name of its own`);
    }
  },
);

const httpMembers = {
  address: setting(listenAddress, {
    description: 'Where the front connects to speak HTTP/1.1 with keep-alive.',
    default: 'unix:/run/portcullis/http.sock',
    example: 'unix:/run/portcullis/http.sock',
  }),
  ...access,
  sockets,
  handOff,
  trustedPeers: setting(listOf(peerRangeOrUnix, { max: peerRangesMax }), {
    description:
      'The peers whose identity headers are believed; `unix` stands for whoever reaches the unix socket.',
    default: ['unix'],
    example: ['unix'],
  }),
  headers: headersGroup,
};

const httpGroup = optionalGroup(
  'The HTTP listener: faster than uwsgi behind nginx, and the one that takes certificates above some 60 kB.',
  httpMembers,
  refuseUntrustedHandOff,
);

export const tlsGroup = optionalGroup(
  'The built-in TLS listener, for an installation without a front. It always streams.',
  {
    address: setting(listenAddress, {
      description: 'Where clients connect.',
      default: '127.0.0.1:8443',
      example: '127.0.0.1:8443',
    }),
    sockets,
    certificate: requiredSetting(filePath, {
      description: "The server's certificate, followed by its intermediates, PEM.",
      example: '/etc/portcullis/server.pem',
    }),
    key: requiredSetting(filePath, {
      description: "The private key of the server's certificate, PEM.",
      example: '/etc/portcullis/server.key',
    }),
  },
);

export const listenGroup = group(
  'Where Portcullis listens. With nothing written, it listens for uwsgi at its default address.',
  { uwsgi: uwsgiGroup, http: httpGroup, tls: tlsGroup },
);

/** Whoever reaches a uwsgi port is the front, so it is never open to everybody (T72). */
function refuseOpenUwsgi(uwsgi: GroupValue<typeof uwsgiMembers>, place: Place): void {
  const { address, allowedPeers } = uwsgi;
  if (address.type === 'unix' || isLoopback(address.host) || allowedPeers.length > 0) return;
  place
    .child('allowedPeers')
    .report(
      `Cannot leave it empty: ${describeAddress(address)} is reached from other hosts, and whoever speaks uwsgi there could name any client; list the addresses of the front`,
    );
}

/** A hand-off header sent to anyone but the front tells a path and no content (T38). */
function refuseUntrustedHandOff(http: GroupValue<typeof httpMembers>, place: Place): void {
  const { address, handOff, trustedPeers } = http;
  if (handOff === 'stream') return;
  const isTrusting = trustedPeers.some((peer) => (peer === 'unix') === (address.type === 'unix'));
  if (isTrusting) return;
  place
    .child('trustedPeers')
    .report(
      `Cannot hand off by ${handOff}: no peer that could reach ${describeAddress(address)} is trusted; list the addresses of the front`,
    );
}
