import type { OomEvent } from '../../../../src/core/oom/event';
import type { FoundEvent } from '../../../../src/core/oomEvents/eventBook';

export const bootId = '5d2f0c3a-1111-4222-8333-944455566677';

/** A kill as the kernel log tells it. Kernel time and time of day begin together here. */
export function kill(
  pid: number,
  kernelTimeMs: number,
  more: Partial<OomEvent> & { readonly name?: string } = {},
): OomEvent {
  const { name = 'hog', ...others } = more;
  return {
    kind: 'kernel',
    id: `${kernelTimeMs}-${pid}`,
    kernelTimeMs,
    scope: 'memcg',
    cgroup: { limit: '/box', task: '/box' },
    victims: [{ pid, name, anonRssBytes: pid * 4096 }],
    outcome: 'killed',
    complete: true,
    missing: [],
    ...others,
  };
}

export const dayMs = Date.UTC(2026, 0, 2);

export function found(event: OomEvent, more: Partial<FoundEvent> = {}): FoundEvent {
  const atMs = event.kernelTimeMs === undefined ? undefined : dayMs + event.kernelTimeMs;
  return { event, source: 'kernel-log', bootId, atMs, ...more };
}

/** Marsaglia's xorshift; from 0 to 1. */
export function randomOf(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
