import { readMessage } from './messages';
import { Page } from './page';
import { registerToolkit } from './toolkit';
import { Extension } from './vscodeApi';

const root = document.getElementById('app');
if (!root) throw new Error('The page has no element "app" to draw in.');

registerToolkit();
const extension = new Extension();
const page = new Page(root, extension);
window.addEventListener('message', (event: MessageEvent<unknown>) => {
  const message = readMessage(event.data);
  if (message) page.receive(message);
  else console.warn('The page was sent something that it does not know.');
});
extension.post({
  type: 'ready',
  spanMinutes: extension.state.spanMinutes,
  processes: extension.processQuery,
});
