import * as vscode from 'vscode';
import type { BestAction } from '../../core/oomEvents/bestAction';
import { OomDocuments } from '../analyzeOomLog';
import type { AttachedHost, Hosts } from '../hosts';
import { notifyKills } from './killNotifier';
import { OomCommands } from './oomCommands';
import { OomTree } from './oomTree';
import { RememberedKills, UnseenBadge } from './unseenBadge';
import { UnseenKills } from './unseenKills';

/** All that shows the OOM events of the attached hosts: tree, badge, notifications, documents. */
export class OomView implements vscode.Disposable {
  readonly documents = new OomDocuments();
  readonly commands: OomCommands;
  private readonly parts: vscode.Disposable;

  /** @param runAction runs an action that a notification offers; it shows its plan and asks. */
  constructor(
    hosts: Hosts,
    context: vscode.ExtensionContext,
    runAction: (host: AttachedHost, best: BestAction) => void,
  ) {
    const remembered = new RememberedKills(context.globalState);
    const unseen = new UnseenKills(remembered);
    const tree = new OomTree(hosts, unseen, context.globalState);
    const badge = new UnseenBadge(hosts, unseen, tree);
    this.commands = new OomCommands(hosts, tree, badge, this.documents);
    this.parts = vscode.Disposable.from(
      badge,
      tree,
      notifyKills(hosts, runAction),
      this.documents,
      remembered, // last: what is disposed before may still be remembered
    );
  }

  dispose(): void {
    this.parts.dispose();
  }
}
