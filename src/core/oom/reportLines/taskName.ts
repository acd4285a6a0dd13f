/** TASK_COMM_LEN is 16 bytes with the closing NUL. A byte that is no text may stand as `\xNN` in the log. */
export function isTaskName(name: string): boolean {
  if (name.length <= 15) return true;
  return name.length <= 60 && Array.from(name.replace(/\\x[0-9a-f]{2}/g, '?')).length <= 15;
}
