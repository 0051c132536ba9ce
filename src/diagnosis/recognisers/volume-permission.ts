import type { Rule } from '../model.ts';
import { heard, originNote } from '../said.ts';

export const volumePermission: Rule = {
  id: 'volume-permission',
  weight: 'certain',
  failure: 'it may not write a volume or read a mounted file (`Permission denied`)',
  remedy: 'give the volume to the user of the container; `apictl up log-volumes` does it for the log folders',
  recognise: (facts) => {
    const found = heard(
      facts,
      /(?:EACCES|EPERM)[^']*'(\/[^']+)'/,
      /PermissionError: .*'(\/[^']+)'/,
      /(\/[^\s:'"]+) is no directory that uid \d+ may write/,
      /"?(\/[^\s:'"]+)"?: [Pp]ermission denied/,
      /[Pp]ermission denied.*?(\/[^\s:'",)]+)/,
      /AccessDeniedException: (\/\S+)/,
      /mkdir:? (?:cannot create directory )?[\u2018'"]?(\/[^\u2019'":]+)[\u2019'"]?: [Pp]ermission denied/,
    );
    if (found === undefined) return undefined;
    const path = found.match[1] ?? '';
    return {
      cause: `has no permission on ${path}${originNote(facts, path)}`,
      hint: `Give it to the user of the container; a fresh volume belongs to root.${facts.service === 'log-volumes' ? '' : ' For the log folders "apictl up log-volumes" hands them over.'}`,
    };
  },
};
