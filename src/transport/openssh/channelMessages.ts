import { stringField, uint32 } from '../sshFields';

/** Message numbers of SSH's connection protocol, RFC 4254 section 9. */
export const message = {
  globalRequest: 80,
  requestFailure: 82,
  channelOpen: 90,
  openConfirmation: 91,
  openFailure: 92,
  windowAdjust: 93,
  data: 94,
  extendedData: 95,
  eof: 96,
  close: 97,
  channelRequest: 98,
  channelSuccess: 99,
  channelFailure: 100,
} as const;

/** The only kind of extended data that RFC 4254 knows. */
export const standardError = 1;

/** The body of a request for a terminal (RFC 4254 section 6.2): no modes, so that the host's own count. */
export function terminalRequest(term: string, columns: number, rows: number): Buffer {
  return Buffer.concat([
    stringField(term),
    uint32(columns),
    uint32(rows),
    uint32(0),
    uint32(0),
    stringField(''),
  ]);
}

/** What follows in the opening of a channel to a Unix socket of the host (OpenSSH's PROTOCOL section 2.4). */
export function unixSocketTarget(path: string): Buffer {
  return Buffer.concat([stringField(path), stringField(''), uint32(0)]);
}
