/**
 * A request in several languages. Its JSON goes into a text of each, so that no digit is lost on the way.
 *
 * @param redisCli the command that publishes the text REQUEST
 * @param login whether the server wants a token
 */
export function inPrograms(request: string, redisCli: string, login: boolean): [string, string][] {
  const address = `${location.origin}/api/v1/tasks`;
  // A JSON text is a text in Python and TypeScript, too.
  const text = JSON.stringify(request);
  const curl = [
    `curl ${address} -H 'content-type: application/json'`,
    ...(login ? [`-H "authorization: Bearer $TASKWIRE_WEB_TOKEN"`] : []),
    `-H 'prefer: wait=10' -d ${quoted(request)}`,
  ];
  const python = [
    login ? 'import os, urllib.request' : 'import urllib.request',
    '',
    `asked = urllib.request.Request("${address}", ${text}.encode())`,
    'asked.add_header("content-type", "application/json")',
    'asked.add_header("prefer", "wait=10")',
    ...(login ? ['asked.add_header("authorization", "Bearer " + os.environ["TASKWIRE_WEB_TOKEN"])'] : []),
    'print(urllib.request.urlopen(asked).read().decode())',
  ];
  const token = login ? ", authorization: 'Bearer ' + process.env.TASKWIRE_WEB_TOKEN" : '';
  const typescript = [
    `const answer = await fetch('${address}', {`,
    "  method: 'POST',",
    `  headers: { 'content-type': 'application/json', prefer: 'wait=10'${token} },`,
    `  body: ${text},`,
    '});',
    'console.log(await answer.text());',
  ];
  return [
    ['curl', curl.join(' \\\n  ')],
    ['redis-cli', redisCli.replace(quoted('"REQUEST"'), () => quoted(request))],
    ['Python', python.join('\n')],
    ['TypeScript', typescript.join('\n')],
  ];
}

/** Within single quotes a shell takes everything literally, except a single quote. */
function quoted(text: string) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
