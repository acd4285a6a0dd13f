/** A row of the tree that is neither a host nor an event: one fact, in words ready to be shown. */
export interface TreeLine {
  /** Tells it from the others beside it, also when its words change. */
  readonly id: string;
  /** Of VS Code's icons. */
  readonly icon: string;
  readonly label: string;
  readonly description?: string;
  /** Plain text; absent: the label. */
  readonly tooltip?: string;
  /** What its menu depends on. */
  readonly context?: 'needsSudo';
  /** What a click on it does. */
  readonly opens?: 'allow-sudo' | 'event' | 'forecast';
}
