// ssh2 is CommonJS whose names Node's loader cannot see, so they are taken from its one export. This is the one place.
import ssh2 from 'ssh2';

export type {
  AnyAuthMethod,
  AuthenticationType,
  Client as SshClient,
  ClientChannel,
  Algorithms,
  ParsedKey,
} from 'ssh2';

export const { Client, createAgent, utils } = ssh2;
