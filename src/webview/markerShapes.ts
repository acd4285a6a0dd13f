import type { Marker } from '../protocol';

/** A shape for every kind of marker, on 16×16: colour is never the only sign. */
export const markerShapes: Readonly<Record<Marker['kind'], string>> = {
  reboot: 'M8 2a6 6 0 0 1 4.4 1.9V2H14v5H9V5.4h2.7A4.4 4.4 0 1 0 12.2 9.4l1.5.5A6 6 0 1 1 8 2z',
  suspend: 'M9.5 1.8A6.3 6.3 0 1 0 14.2 11 5.2 5.2 0 0 1 9.5 1.8z',
  'clock-step':
    'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zm0 1.6a4.4 4.4 0 1 0 0 8.8 4.4 4.4 0 0 0 0-8.8zM7.2 5h1.6v2.7l1.9 1.9-1.1 1.1-2.4-2.4z',
  'clock-back': 'M8 3v10L1.5 8zM14.5 3v10L8 8z',
  paused: 'M4 3h2.8v10H4zM9.2 3H12v10H9.2z',
  kill: 'M4.1 2.9 8 6.8l3.9-3.9 1.2 1.2L9.2 8l3.9 3.9-1.2 1.2L8 9.2l-3.9 3.9-1.2-1.2L6.8 8 2.9 4.1z',
};
