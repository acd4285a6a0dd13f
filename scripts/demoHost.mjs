// The host that the demo attaches to: a private sshd that this very user can log in to with a throw-away key.
//   node demoHost.mjs ALIAS – prints the path of an ssh configuration file in which ALIAS stands, and serves until SIGTERM
import fs from 'node:fs';
import { askedToEnd } from './processes.mjs';
import { startSshd } from './sshd.mjs';

const [alias] = process.argv.slice(2);
if (alias === undefined) throw new Error('usage: demoHost.mjs ALIAS');

const ended = askedToEnd();
const sshd = await startSshd();
fs.writeFileSync(sshd.file('known_hosts'), sshd.knownHostsLine());
const configFile = sshd.file('ssh_config');
fs.writeFileSync(configFile, sshd.sshConfig(alias));
console.log(configFile);
await ended;
await sshd.stop();
