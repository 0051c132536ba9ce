import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { completionScript } from '../../../src/cli/completion.ts';
import { listedProgram } from '../../fakes/listed-program.ts';

const program = listedProgram();

const run = (shell: string, argv: readonly string[], input: string): string => {
  const { status, stdout, stderr } = spawnSync(shell, argv, { input, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
};

/** What bash offers after these words, of which the last is being typed. */
function bash(...words: readonly string[]): string[] {
  const list = ['apictl', ...words].map((word) => `'${word}'`).join(' ');
  return run(
    'bash',
    ['--norc', '--noprofile'],
    `${completionScript(program, 'bash')}
COMP_WORDS=(${list}); COMP_CWORD=${words.length}; _apictl; printf '%s\\n' "\${COMPREPLY[@]}"\n`,
  )
    .split('\n')
    .filter((word) => word !== '');
}

describe('completion in bash', () => {
  it('offers every command of the program, and those that begin with what is typed', () => {
    expect(bash('')).toEqual(program.commands.map((command) => command.name()));
    expect(bash('s')).toEqual(
      program.commands.map((command) => command.name()).filter((name) => name.startsWith('s')),
    );
  });

  it('offers what lies below a command, also behind global options and their values', () => {
    expect(bash('seed', '')).toEqual(['apply', 'diff', 'validate', 'dump']);
    expect(bash('--project', 'up', '--json', 'seed', 'd')).toEqual(['diff', 'dump']);
  });

  it('offers the options of the command and the global ones', () => {
    expect(bash('up', '--fr')).toEqual(['--free-ports']);
    expect(bash('up', '--')).toEqual(expect.arrayContaining(['--timings', '--json', '--config', '--help']));
    expect(bash('down', '--tim')).toEqual(['--timeout']);
  });

  it('offers the choices of an option, and leaves other values to the shell', () => {
    expect(bash('up', '--images', '')).toEqual(['auto', 'embedded', 'official']);
    expect(bash('images', 'build', '--images', 'e')).toEqual(['embedded']);
    expect(bash('--config', '')).toEqual([]);
  });
});

const has = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

it.skipIf(!has('fish'))('completion in fish offers commands, subcommands and choices', () => {
  const offered = (line: string): string[] =>
    run('fish', ['--no-config', '-c', `${completionScript(program, 'fish')}\ncomplete -C '${line}'\n`], '')
      .split('\n')
      .flatMap((row) => (row === '' ? [] : [row.split('\t')[0] ?? '']));
  expect(offered('apictl ').sort()).toEqual(program.commands.map((command) => command.name()).sort());
  expect(offered('apictl seed d').sort()).toEqual(['diff', 'dump']);
  expect(offered('apictl up --images e')).toEqual(['embedded']);
  expect(offered('apictl up --free')).toEqual(['--free-ports']);
});

it.skipIf(!has('zsh'))('completion in zsh is registered, and hands over what lies below a command', () => {
  const script = `${completionScript(program, 'zsh')}
emulate ksh; COMP_WORDS=(apictl seed ''); COMP_CWORD=2; _apictl; print -l -- "\${COMPREPLY[@]}"; print -- "\${_comps[apictl]}"\n`;
  const lines = run('zsh', ['-f'], script).trim().split('\n');
  expect(lines.slice(0, 4)).toEqual(['apply', 'diff', 'validate', 'dump']);
  expect(lines[4]).toContain('_bash_complete');
});
