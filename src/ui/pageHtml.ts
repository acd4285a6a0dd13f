import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** The empty style element with which the toolkit finds out whether `:focus-visible` is known. */
const emptyStyle = `'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='`;

/**
 * The document of a page, which loads our script and our style sheet and nothing else.
 * @param dist folder of the script.
 * @param media folder of the style sheet.
 */
export function pageHtml(webview: vscode.Webview, dist: vscode.Uri, media: vscode.Uri): string {
  const nonce = randomBytes(16).toString('base64');
  const uri = (folder: vscode.Uri, file: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(folder, file)).toString();
  const policy = [
    `default-src 'none'`,
    `style-src ${webview.cspSource} ${emptyStyle}`,
    `font-src ${webview.cspSource}`,
    `script-src 'nonce-${nonce}'`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${uri(media, 'panel.css')}">
<title>${vscode.l10n.t('Memory')}</title>
</head>
<body>
<div id="app"></div>
<script nonce="${nonce}" src="${uri(dist, 'webview.js')}"></script>
</body>
</html>`;
}
