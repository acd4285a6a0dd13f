/** The kernel prints some user ids as signed numbers: 4294967294 (nobody) as -2. */
export function unsignedUid(uid: number): number {
  return uid < 0 ? uid + 2 ** 32 : uid;
}
