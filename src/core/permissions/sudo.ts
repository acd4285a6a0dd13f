import type { PermissionAnswers } from './answers';
import { commandLinePath } from './commandLine';
import {
  absent,
  nameOf,
  unknown,
  yes,
  type Permission,
  type PermissionContext,
  type Remedy,
} from './permission';
import { installSudoersLine, sudoersLine, type SudoCommand } from './sudoers';

export function sudoOf(answers: PermissionAnswers, context: PermissionContext): Permission {
  const id = 'sudo';
  const { sudo } = answers;
  if (sudo === undefined) return unknown(id);
  const remedies = [allowSudo(answers, context)];
  switch (sudo) {
    case 'root':
      return yes(id, 'You are root.');
    case 'yes':
      if (!context.sudoAllowed)
        return yes(id, 'Not used, because it is not allowed in {0}.', ['remoteMemory.allowSudo']);
      return context.rootObstacle === undefined
        ? yes(id, 'Used for what your user may not do.')
        : yes(
            id,
            'Used for what it allows. It does not give a shell of root’s, which freezes, and kills where Docker does not answer.',
          );
    case 'absent':
      return absent(id, 'sudo is not installed.');
    case 'password':
      return { id, state: 'no', why: { text: 'sudo asks for a password.' }, remedies };
    case 'not-allowed':
      return { id, state: 'no', why: { text: 'sudo does not allow your user this.' }, remedies };
    case 'needs-terminal':
      return {
        id,
        state: 'no',
        why: { text: 'sudo wants a terminal (requiretty), and there is none.' },
        remedies,
      };
    case 'untried': {
      const text =
        'Not tried: sudo reports whoever asks and is not allowed. It is tried where your user is in a group like sudo or wheel, or {0} names the host.';
      return { id, state: 'unknown', why: { text, args: ['remoteMemory.allowSudo'] }, remedies };
    }
  }
}

/** The narrowest that is of use: what reads the kernel log and reaches Docker. A shell of root's is more than that. */
function allowSudo(
  { user, dockerProgram, docker }: PermissionAnswers,
  { sudoCommands, dockerSocket }: PermissionContext,
): Remedy {
  const withDocker =
    dockerProgram !== undefined && docker?.access === 'no' && commandLinePath.test(dockerSocket);
  const dialDocker: SudoCommand[] = withDocker
    ? [{ program: dockerProgram, args: ['-H', `unix://${dockerSocket}`, 'system', 'dial-stdio'] }]
    : [];
  const line = sudoersLine(nameOf(user), [...sudoCommands, ...dialDocker]);
  const text =
    'Lets {0} read the kernel log as root, and nothing else: no shell of root’s, which freezes and kills in a jam.';
  const docks =
    'Lets {0} read the kernel log and use Docker as root, and nothing else: no shell of root’s, which freezes and kills where Docker does not answer. To use Docker equals the rights of root.';
  return {
    line: installSudoersLine(line),
    means: { text: withDocker ? docks : text, args: [nameOf(user)] },
  };
}
