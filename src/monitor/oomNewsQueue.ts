import type { HostOomEvent } from '../core/oomEvents/hostEvent';
import type { OomStore } from './oomStore';
import { pause } from './pause';

/** Something to tell of a kill. */
export interface OomNews {
  readonly event: HostOomEvent;
  /** False: it was known, and more is known of it now. */
  readonly isNew: boolean;
  /** It happened while this window watched the host, or in a gap of the connection; not what was there at the first attach. */
  readonly isLive: boolean;
}

/** Nobody waits longer for the disk, in ms: then a kill is shown before it is kept. */
const usualPatienceMs = 1000;

/** Tells of kills in the order in which they were found, each when it is on the disk: what was shown is not lost in a crash. */
export class OomNewsQueue {
  private last: Promise<void> | undefined;
  private hasComplained = false;

  /**
   * @param store undefined: nothing is kept, and all is told at once.
   * @param tell never throws.
   */
  constructor(
    private readonly store: OomStore | undefined,
    private readonly tell: (news: OomNews) => void,
    private readonly log: (line: string) => void,
    private readonly patienceMs = usualPatienceMs,
  ) {}

  add(news: OomNews): void {
    const { store } = this;
    if (!store) {
      this.tell(news);
      return;
    }
    const kept = new AbortController();
    void this.keep(store, news.event).finally(() => kept.abort());
    const waited = pause(this.patienceMs, kept.signal);
    const telling = (this.last ?? Promise.resolve())
      .then(() => waited)
      .then(() => {
        if (this.last === telling) this.last = undefined;
        this.tell(news);
      });
    this.last = telling;
  }

  /** Never rejects. A disk that is full or may not be written is told once; the events go on in memory. */
  private async keep(store: OomStore, event: HostOomEvent): Promise<void> {
    try {
      await store.put(event);
      this.hasComplained = false;
    } catch (error) {
      if (!this.hasComplained)
        this.log(
          `OOM events are not kept on disk: ${error instanceof Error ? error.message : String(error)}`,
        );
      this.hasComplained = true;
    }
  }
}
