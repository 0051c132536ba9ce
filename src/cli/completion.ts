import type { Command, Option } from 'commander';

/** Scripts that complete commands, options and choices, made from the program's own words. Pure. */

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A command by its path, as `seed diff`; the program itself has the empty one. */
interface Node {
  readonly path: string;
  readonly commands: readonly Command[];
  readonly options: readonly Option[];
}

const nodesOf = (command: Command, path = ''): Node[] => [
  { path, commands: command.commands, options: command.options },
  ...command.commands.flatMap((child) => nodesOf(child, `${path} ${child.name()}`.trim())),
];

const globalsOf = (program: Command): readonly Option[] =>
  program.options.filter(({ long }) => long !== '--version');

export function completionScript(program: Command, shell: Shell): string {
  const nodes = nodesOf(program);
  if (shell === 'fish') return fishScript(nodes, globalsOf(program));
  return shell === 'bash' ? bashScript(nodes, globalsOf(program)) : zshScript(nodes, globalsOf(program));
}

const longOf = (options: readonly Option[]): string[] => [
  ...new Set(options.flatMap(({ long }) => long ?? [])),
];

/** A branch of a shell's `case`; names of commands and options are plain words. */
const branch = (pattern: string, words: readonly string[]): string =>
  `    '${pattern}') echo '${words.join(' ')}' ;;`;

function bashScript(nodes: readonly Node[], globals: readonly Option[]): string {
  const options = nodes.flatMap((node) => node.options);
  const valued = longOf(options.filter(({ required, optional }) => required || optional));
  return `# bash completion for apictl: source <(apictl completion bash)
_apictl_commands() {
  case $1 in
${nodes
  .map(({ path, commands }) =>
    branch(
      path,
      commands.map((child) => child.name()),
    ),
  )
  .join('\n')}
  esac
}
_apictl_options() {
  case $1 in
${nodes.map((node) => branch(node.path, [...longOf([...node.options, ...globals]), '--help'])).join('\n')}
  esac
}
_apictl_choices() {
  case "$1 $2" in
${nodes
  .flatMap(({ path, options: own }) =>
    own.flatMap(({ long, argChoices }) =>
      long == null || argChoices === undefined ? [] : [branch(`${path} ${long}`, argChoices)],
    ),
  )
  .join('\n')}
    *) ;;
  esac
}
_apictl() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path='' word words i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case ' ${valued.join(' ')} ' in *" $word "*) i=$((i + 1)); continue ;; esac
    case " $(_apictl_commands "$path") " in *" $word "*) path="\${path:+$path }$word" ;; esac
  done
  words=$(_apictl_choices "$path" "$previous")
  if [ -z "$words" ]; then
    # The value of an option is left to the shell: most are files.
    case ' ${valued.join(' ')} ' in *" $previous "*) return ;; esac
    case $current in
      -*) words=$(_apictl_options "$path") ;;
      *) words=$(_apictl_commands "$path") ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _apictl apictl
`;
}

/** zsh runs bash's completions with what it brings along for that. */
const zshScript = (nodes: readonly Node[], globals: readonly Option[]): string =>
  `# zsh completion for apictl: source <(apictl completion zsh)
(( $+functions[compdef] )) || { autoload -U compinit && compinit -u; }
autoload -U +X bashcompinit && bashcompinit
${bashScript(nodes, globals).split('\n').slice(1).join('\n')}`;

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function fishScript(nodes: readonly Node[], globals: readonly Option[]): string {
  const lines = nodes.flatMap(({ path, commands, options }) => [
    ...commands.map(
      (child) =>
        `complete -c apictl -f -n ${quoted(condition(path, commands))} -a ${child.name()} -d ${quoted(child.description())}`,
    ),
    ...(path === '' ? [] : options.flatMap((option) => fishOption(option, condition(path, [])))),
  ]);
  return `# fish completion for apictl: apictl completion fish | source
${[...globals.flatMap((option) => fishOption(option, '')), ...lines].join('\n')}
`;
}

/** After the words of the path, and before any of the commands below it. */
function condition(path: string, commands: readonly Command[]): string {
  const before = path.split(' ').filter((word) => word !== '');
  const seen = before.map((word) => `__fish_seen_subcommand_from ${word}`);
  const names = commands.map((child) => child.name()).join(' ');
  return [...seen, ...(names === '' ? [] : [`not __fish_seen_subcommand_from ${names}`])].join('; and ');
}

function fishOption({ long, description, required, optional, argChoices }: Option, when: string): string[] {
  if (long == null) return [];
  const value =
    argChoices === undefined ? (required || optional ? ' -r' : '') : ` -x -a ${quoted(argChoices.join(' '))}`;
  return [
    `complete -c apictl${when === '' ? '' : ` -n ${quoted(when)}`} -l ${long.slice(2)}${value} -d ${quoted(description)}`,
  ];
}
