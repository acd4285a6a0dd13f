// What a made-up server with keys does.

/**
 * What is done with somebody who wants to log in, who has logged in, or whose command was accepted.
 * @typedef {import('./packets.mjs').Connection} Connection
 * @typedef {{
 *   connected?: (connection: Connection) => void,
 *   greeting?: string,
 *   banner?: string,
 *   login?: (context: import('ssh2').AuthContext, connection: Connection) => void,
 *   ready?: (connection: Connection, hostKey: Buffer) => void,
 *   noSession?: true,
 *   command?: (channel: import('ssh2').ServerChannel, connection: Connection, id: number, command: string) => void,
 *   noExec?: true,
 * }} Behaviour
 */

export {};
