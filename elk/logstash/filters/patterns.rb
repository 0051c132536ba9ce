# frozen_string_literal: true

require 'json'

# Logstash's filter "ruby" runs this file: https://www.elastic.co/docs/reference/logstash/plugins/plugins-filters-ruby
#
# Masks what the user's own patterns (logging.maskPatterns) find, as the logging service does. They are RE2's. "apictl render" writes
# down the programs that RE2 makes of them (src/elk/mask-programs.ts), and here they are run as RE2 runs them: every way through a
# pattern at once, in one pass over the text. Ruby's own regular expressions read some of the syntax otherwise, and may take any time.
#
# Not for several workers at once: they would share what is kept of the programs.

# `file`: the programs, as JSON.
def register(params)
  @mask = '[removed]'
  @programs = JSON.parse(File.read(params.fetch('file'))).map { |written| prepared(written) }
  # What one text may cost: about a second. Only a pattern that looks far ahead from each of many places comes near.
  @most_steps = 1_000_000
  # What is kept of a program, in numbers; more is forgotten and found again. With fifty patterns a few dozen megabytes.
  @most_kept = 50_000
end

def filter(event)
  return [event] if @programs.empty?

  %w[[kong] message].each do |field|
    value = event.get(field)
    event.set(field, cleaned(value)) unless value.nil?
  end
  [event]
rescue StandardError
  # Better without its content than with something in it that nobody is to see.
  event.remove('[kong]')
  event.remove('message')
  event.tag('_patterns_not_looked_for')
  [event]
end

def cleaned(value)
  case value
  when Hash then value.transform_values { |inner| cleaned(inner) }
  when Array then value.map { |inner| cleaned(inner) }
  when String then cleaned_text(value)
  when Numeric then cleaned_number(value)
  else value
  end
end

def cleaned_number(number)
  text = number == number.to_i ? number.to_i.to_s : number.to_f.to_s
  left = cleaned_text(text)
  left == text ? number : left
end

def cleaned_text(text)
  @programs.reduce(text) { |left, program| masked(left, program) }
end

def masked(text, program)
  points = text.scrub.codepoints
  return text unless may_match?(program, points)

  left = +''
  written = from = 0
  steps_left = @most_steps
  while (match = found(program, points, from, steps_left))
    start, after, steps_left = match
    return @mask if steps_left <= 0

    if after > start
      left << points[written...start].pack('U*') << @mask
      written = after
    end
    # There is nothing to mask in an empty match.
    from = [after, start + 1].max
  end
  left << points[written..-1].pack('U*')
end

# --- Does a pattern match at all? A state is the set of steps that wait for a character; assertions are taken to hold.

def may_match?(program, points)
  state = program[:first] ||= state_of(program, [program[:start]])
  return true if state[:matches]

  points.each do |point|
    state = state[:next][point] || next_state(program, state, point)
    return true if state[:matches]
  end
  false
end

# A way from one state to another takes the room of some ten numbers.
def next_state(program, state, point)
  forget(program) if (program[:kept] += 10) > @most_kept
  steps = program[:steps]
  outs = state[:waiting].select { |step| takes?(steps[step], point) }.map { |step| steps[step][2] }
  # A match may begin anywhere.
  state[:next][point] = state_of(program, outs << program[:start])
end

def state_of(program, entries)
  waiting = []
  matches = false
  each_reached(program[:steps], entries.reverse, {}, nil) do |step, kind|
    kind == 'match' ? matches = true : waiting << step
  end
  waiting.sort!
  program[:states][[waiting, matches]] ||= begin
    program[:kept] += waiting.length
    { waiting: waiting, matches: matches, next: {} }
  end
end

def forget(program)
  program[:states] = {}
  program[:first] = nil
  program[:kept] = 0
end

# --- Where does it match? Of several ways the leftmost, and of those the one that the pattern names first.

# [start, end, steps that are left], or nil.
def found(program, points, from, steps_left)
  steps = program[:steps]
  best = nil
  threads = []
  entered = {}
  from.upto(points.length) do |at|
    each_reached(steps, [program[:start]], entered, [points, at]) { |step, _| threads << [step, at] } if best.nil?
    return best && [*best, steps_left] if threads.empty? && best
    return [at, at, 0] if (steps_left -= threads.length + 1) <= 0

    following = []
    entered = {}
    threads.each do |step, start|
      kind, _, out = steps[step]
      if kind == 'match'
        best = [start, at]
        # What comes after is worse.
        break
      end
      next unless at < points.length && takes?(steps[step], points[at])

      each_reached(steps, [out], entered, [points, at + 1]) { |inner, _| following << [inner, start] }
    end
    threads = following
  end
  best && [*best, steps_left]
end

# Every step that waits for a character, and the one that matches, in the order in which the pattern names them.
# `place`: the characters and where between them; nil where assertions are taken to hold.
def each_reached(steps, stack, entered, place)
  until stack.empty?
    step = stack.pop
    next if entered[step]

    entered[step] = true
    kind, argument, out = steps[step]
    case kind
    when 'runes', 'match' then yield step, kind
    when 'jump' then stack << out
    when 'fork' then stack << argument << out
    when 'assert' then stack << out if place.nil? || holds?(argument, *place)
    end
  end
end

def takes?(step, point)
  range = step[1].bsearch { |_, last| last >= point }
  !range.nil? && range[0] <= point
end

# The flags of RE2's assertions: begin and end of a line, of the text, a word's boundary, and none.
def holds?(flags, points, at)
  before = at.zero? ? nil : points[at - 1]
  after = points[at]
  boundary = word?(before) != word?(after)
  {
    1 => before.nil? || before == 10, 2 => after.nil? || after == 10, 4 => before.nil?, 8 => after.nil?,
    16 => boundary, 32 => !boundary
  }.all? { |flag, holds| (flags & flag).zero? || holds }
end

def word?(point)
  case point
  when 48..57, 65..90, 95, 97..122 then true
  else false
  end
end

def prepared(written)
  classes = written.fetch('classes').map { |ranges| ranges.each_slice(2).to_a }
  steps = written.fetch('steps').map do |kind, argument, out|
    [kind, kind == 'runes' ? classes[argument] : argument, out]
  end
  { steps: steps, start: written.fetch('start'), states: {}, first: nil, kept: 0 }
end
