/**
 * A path that may stand in a line which somebody copies into a shell, and in a command of ours: no shell and no sudoers(5)
 * reads it as more than a path.
 */
export const commandLinePath = /^\/[A-Za-z0-9_./-]{1,200}$/;

/**
 * A user's or group's name that may stand in a line which somebody copies: nothing that a shell or sudoers(5) reads as
 * more than a name. Capital letters alone are an alias there, and ALL is everybody.
 */
export const commandLineName = /^[a-z_][A-Za-z0-9_.-]{0,63}$/;
