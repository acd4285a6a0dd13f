/**
 * True where the disk that this would be a part of is in the list: `sda1` of `sda`, `nvme0n1p2` of `nvme0n1`.
 * Names alone do not tell: some virtual machines have an `xvda1` and no `xvda`.
 */
export function isPartition(name: string, names: ReadonlySet<string>): boolean {
  const [, disk] = /^(.*\d)p\d+$/.exec(name) ?? /^(.*\D)\d+$/.exec(name) ?? [];
  return disk !== undefined && names.has(disk);
}
