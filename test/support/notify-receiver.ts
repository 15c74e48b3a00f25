/** The datagram socket that systemd gives a service in NOTIFY_SOCKET, with what arrives at it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { stop, until } from './processes.ts';

/** As systemd reads them; a message that does not leave its barrier open is not answered. */
const receiverProgram = `
import json, socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1].replace('@', chr(0), 1))
print('ready', flush=True)
while True:
    print(json.dumps(receiver.recv(65536).decode()), flush=True)
`;

/** The tests that use it need python3. */
export class NotifyReceiver implements AsyncDisposable {
  readonly socket: string;
  readonly #child: ChildProcess;
  #output = '';

  private constructor(socket: string, child: ChildProcess) {
    this.socket = socket;
    this.#child = child;
    child.stdout?.on('data', (chunk) => {
      this.#output += chunk;
    });
  }

  static async start(socket: string): Promise<NotifyReceiver> {
    const receiver = new NotifyReceiver(socket, spawn('python3', ['-c', receiverProgram, socket]));
    await until('the receiver is bound', () => receiver.#output.startsWith('ready\n'));
    return receiver;
  }

  /** Without those of the barrier, which systemd-notify sends to know that the others were read. */
  get messages(): readonly string[] {
    const lines = this.#output.split('\n').slice(1, -1);
    return lines.map((line) => JSON.parse(line) as string).filter((text) => text !== 'BARRIER=1');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return stop(this.#child);
  }
}
