import type { ClientRequest, IncomingMessage } from 'node:http';

/** The response to a request that has been, or is being, sent. Rejects with its error; also when it switches protocols unasked. */
export function responseTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
    // Node tells nothing more of a request that is answered by another protocol.
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      reject(new Error('the server switched to another protocol unasked'));
    });
  });
}
