import { homedir, userInfo } from 'node:os';

/** Name and home folder of the person at this machine, as ssh sees them: from the user database, not from HOME. */
export function localUser(): { readonly name: string; readonly home: string } {
  try {
    const { username, homedir: home } = userInfo();
    return { name: username, home: process.platform === 'win32' ? homedir() : home };
  } catch {
    // A user id without an entry in the user database, as in some containers.
    return { name: process.env.USER ?? process.env.USERNAME ?? '', home: homedir() };
  }
}
