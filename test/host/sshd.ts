export { freePort, makeKey, startSshd, type Sshd } from '../../scripts/sshd.mjs';
