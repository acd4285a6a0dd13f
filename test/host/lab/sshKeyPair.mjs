import ssh2 from 'ssh2';

/**
 * A new key pair for a server that is made of ssh2. One in 256 that ssh2 makes is malformed, and its own parser refuses it: it leaves out
 * the zero byte that the public key begins with (lib/keygen.js of 1.17.0). Such a pair is not given.
 */
export function sshKeyPair() {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    const key = ssh2.utils.parseKey(pair.private);
    if (!(key instanceof Error)) return { pair, key };
  }
}
