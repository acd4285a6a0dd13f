import * as vscode from 'vscode';
import type { Disposable } from '../monitor/emitter';
import { availableText, availableView } from './memoryText';
import type { AttachedHost, Hosts } from './hosts';
import { hostTooltip } from './hostTooltip';
import { onSettingsChanged, settings } from './settings';
import { describeState } from './stateText';

/** The available memory of the active host, in the status bar. */
export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    'remoteMemory.available',
    vscode.StatusBarAlignment.Left,
    50,
  );
  private readonly subscriptions: Disposable[] = [];
  private following: Disposable[] = [];

  constructor(private readonly hosts: Hosts) {
    this.item.name = vscode.l10n.t('Available memory');
    // While a host is silent nothing arrives, but the time it has been silent goes on.
    const clock = setInterval(() => {
      if (hosts.active && hosts.active.monitor.state.kind !== 'live') this.draw();
    }, 1000);
    this.subscriptions.push(
      this.item,
      { dispose: () => clearInterval(clock) },
      hosts.onDidChange(() => this.follow()),
      onSettingsChanged(() => this.draw()),
    );
    this.follow();
  }

  dispose(): void {
    for (const subscription of [...this.subscriptions, ...this.following]) subscription.dispose();
  }

  private follow(): void {
    for (const subscription of this.following) subscription.dispose();
    const host = this.hosts.active;
    // Not with each drawing: VS Code forgets the former command at once, and a click before the new one has come is lost.
    this.item.command = host && {
      command: 'remoteMemory.showPanel',
      title: vscode.l10n.t('Show panel'),
      arguments: [host],
    };
    const monitor = host?.monitor;
    this.following = monitor ? [monitor.onMoment(() => this.draw()), monitor.onState(() => this.draw())] : [];
    this.draw();
  }

  private draw(): void {
    const host = this.hosts.active;
    if (!host) {
      this.item.hide();
      return;
    }
    const { icon, text, background } = this.content(host);
    const name = this.hosts.all.length > 1 ? `${host.label}: ` : '';
    this.item.text = `$(${icon}) ${name}${text}`;
    this.item.backgroundColor = background && new vscode.ThemeColor(`statusBarItem.${background}Background`);
    this.item.tooltip = hostTooltip(host);
    this.item.accessibilityInformation = {
      label: [vscode.l10n.t('Available memory of {0}: {1}', host.label, text), severity(background)].join(
        ' ',
      ),
      role: 'button',
    };
    this.item.show();
  }

  /** The icon changes with the alarm, so that colour is not the only sign. */
  private content(host: AttachedHost): { icon: string; text: string; background?: 'warning' | 'error' } {
    const { state, latest } = host.monitor;
    const available = availableView(latest);
    if (state.kind === 'failed')
      return { icon: 'error', text: describeState(state, performance.now()).text, background: 'error' };
    if (state.kind !== 'live' || !available) {
      const { text } = describeState(state, performance.now(), host.progress());
      return state.kind === 'silent' || state.kind === 'reconnecting'
        ? { icon: 'watch', text, background: 'warning' }
        : { icon: 'sync', text };
    }
    const text = availableText(available);
    if (available.percent < settings.errorPercent) return { icon: 'error', text, background: 'error' };
    if (available.percent < settings.warningPercent) return { icon: 'warning', text, background: 'warning' };
    return { icon: 'pulse', text };
  }
}

/** What the colour says, for those who do not see it. */
function severity(background: 'warning' | 'error' | undefined): string {
  if (background === undefined) return '';
  return background === 'error' ? vscode.l10n.t('(error)') : vscode.l10n.t('(warning)');
}
