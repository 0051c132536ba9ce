/**
 * Functions that hardly any run calls, of modules that take longer to load than the request or the help itself: commander
 * starts programs for subcommands that are files, which we have none of; the engine's client speaks SSH, TLS and BuildKit's sessions,
 * and packs folders for builds.
 * Each stays out of the bundle and is loaded at its first call.
 */
const FUNCTIONS = [
  { owner: 'commander', request: 'node:child_process', load: 'node:child_process', functions: ['spawn'] },
  { owner: 'docker-modem', request: './ssh', load: 'docker-modem/lib/ssh.js' },
  { owner: 'docker-modem', request: 'https', load: 'node:https', functions: ['request'] },
  { owner: 'dockerode', request: './session', load: 'dockerode/lib/session.js' },
  {
    owner: 'dockerode',
    request: './buildkit',
    load: 'dockerode/lib/buildkit.js',
    functions: ['followProgress'],
  },
  { owner: 'dockerode', request: 'tar-fs', load: 'tar-fs', functions: ['pack'] },
  { owner: 'dockerode', request: '@balena/dockerignore', load: '@balena/dockerignore' },
];

export const deferredFunctions = {
  name: 'deferred-functions',
  setup: (bundle) => {
    for (const { owner, request, load, functions } of FUNCTIONS) {
      bundle.onResolve({ filter: new RegExp(`^${request.replaceAll('.', '\\.')}$`) }, ({ importer }) =>
        importer.includes(`/node_modules/${owner}/`)
          ? { path: load, namespace: 'deferred-functions', pluginData: functions }
          : undefined,
      );
    }
    bundle.onResolve({ filter: /./, namespace: 'deferred-functions' }, ({ path }) => ({
      path,
      external: true,
    }));
    bundle.onLoad({ filter: /./, namespace: 'deferred-functions' }, ({ path, pluginData }) => {
      const call = (member) => `(...given) => require(${JSON.stringify(path)})${member}(...given)`;
      return {
        contents:
          pluginData === undefined
            ? `module.exports = ${call('')};`
            : pluginData.map((name) => `exports.${name} = ${call(`.${name}`)};`).join('\n'),
      };
    });
  },
};
