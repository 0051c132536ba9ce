/** How a client comes to trust the authority, one command each. Nothing of it is run here: trust is the owner's decision. */
export function trustSteps(path: string, proxyTlsPort: number): { client: string; command: string }[] {
  const authority = shellWord(path);
  return [
    { client: 'curl', command: `curl --cacert ${authority} https://localhost:${proxyTlsPort}/api/v1/whoami` },
    { client: 'Node.js', command: `NODE_EXTRA_CA_CERTS=${authority} node app.js` },
    { client: 'Python requests', command: `REQUESTS_CA_BUNDLE=${authority} python3 app.py` },
    {
      client: 'Debian and Ubuntu, system-wide',
      command: `sudo cp ${authority} /usr/local/share/ca-certificates/apictl.crt && sudo update-ca-certificates`,
    },
    {
      client: 'macOS, system-wide',
      command: `sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ${authority}`,
    },
    { client: 'Firefox', command: `Settings, Certificates, Authorities, Import: ${path}` },
  ];
}

/** A word that a shell takes as it stands; whoever copies a command must get this file, whatever its folder is called. */
const shellWord = (text: string): string =>
  /^[\w/.,:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
