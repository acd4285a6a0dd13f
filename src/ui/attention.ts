import * as vscode from 'vscode';

/** Where the user looks: what nobody looks at is asked less often. */
export class Attention implements vscode.Disposable {
  private readonly shown = new Set<string>();
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscription = vscode.window.onDidChangeWindowState(() => this.changed.fire());
  /** Somebody looks elsewhere. */
  readonly onDidChange = this.changed.event;

  /** @param active the host of the status bar. */
  constructor(private readonly active: () => string | undefined) {}

  /** Whether the host's page is visible, or it is the one in the status bar of a window that has the focus. */
  isOn(target: string): boolean {
    return this.shown.has(target) || (vscode.window.state.focused && this.active() === target);
  }

  /** A host's page was shown or hidden. */
  setShown(target: string, shown: boolean): void {
    if (this.shown.has(target) === shown) return;
    if (shown) this.shown.add(target);
    else this.shown.delete(target);
    this.changed.fire();
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }
}
