/** What container runtimes are called. */
export const runtimeNames = {
  docker: 'Docker',
  podman: 'Podman',
  containerd: 'containerd',
  'cri-o': 'CRI-O',
  buildkit: 'BuildKit',
} as const;

/** What runs whole machines, or what looks like them. */
export const managerNames = { lxc: 'LXC', nspawn: 'systemd', qemu: 'QEMU' } as const;
