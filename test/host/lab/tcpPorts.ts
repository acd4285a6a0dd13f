import { readFileSync } from 'node:fs';

/** As in the kernel's net/tcp_states.h: TCP_ESTABLISHED and TCP_SYN_SENT. */
const stateCodes = { connected: '01', connecting: '02' };

/**
 * Ports of this machine from which somebody is connected to that address, or tries to be and has no answer yet
 * (/proc/net/tcp). @param address IPv4
 */
export function portsTo(address: string, state: keyof typeof stateCodes): number[] {
  // Addresses stand there as one number of the machine's byte order: little-endian on all that we run on.
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  const remote = bytes.reverse().join('').toUpperCase();
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , there, code]) => there?.startsWith(`${remote}:`) && code === stateCodes[state])
    .map(([, here = '']) => parseInt(here.split(':')[1] ?? '', 16));
}
