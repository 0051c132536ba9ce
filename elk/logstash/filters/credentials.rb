# frozen_string_literal: true

# Logstash's filter "ruby" runs this file: https://www.elastic.co/docs/reference/logstash/plugins/plugins-filters-ruby
#
# Takes credentials out of what the gateway wrote: values whose name says that they are one, and parameters of queries in any text,
# whose names may be percent-encoded, as the gateway reads them. The rules for names are those of the logging service
# (services/logging/src/mask/keys.ts); a test holds that both decide alike.

# `keys`: names of the user's own, with commas.
def register(params)
  @mask = '[removed]'
  @names = %w[
    authorization proxyauthorization cookie cookies setcookie apikey xapikey xauthtoken passwd pwd passphrase jwt bearer
    sessionid credential credentials cardnumber creditcard cvv cvc
  ]
  @names += params.fetch('keys', '').split(',').map { |key| canonical(key) }.reject(&:empty?)
  @endings = %w[token secret password apikey privatekey secretkey accesskey signature]
  # In an address, or in a line that is no JSON; linear in the length of the text.
  @parameter = /([?&;])([^=?&;\s"'#<>]{1,256})=([^&;\s"'#<>]*)/
  # A header or a field in a line that is no JSON, whole or torn.
  @field = /"([^"\\]{1,128})" *: *(?:"[^"]*"?|\[[^\]]*\]?)/
end

def filter(event)
  kong = event.get('[kong]')
  event.set('[kong]', cleaned(kong)) unless kong.nil?
  # A line that is no JSON is kept as it was, and with it everything that it says.
  message = event.get('message')
  event.set('message', cleaned_line(message)) if message.is_a?(String)
  [event]
rescue StandardError
  # Better without its content than with a credential in it.
  event.remove('[kong]')
  event.remove('message')
  event.tag('_credentials_not_looked_for')
  [event]
end

def cleaned(value)
  case value
  when Hash then value.to_h { |name, inner| [name, credential?(name.to_s) ? masked(inner) : cleaned(inner)] }
  when Array then value.map { |inner| cleaned(inner) }
  when String then cleaned_text(value)
  else value
  end
end

# A switch, and what is not there, is no credential.
def masked(value)
  [nil, true, false, ''].include?(value) ? value : @mask
end

def cleaned_text(text)
  return text unless text.include?('=')

  text.gsub(@parameter) do |whole|
    before, name = Regexp.last_match(1), Regexp.last_match(2)
    credential?(decoded(name)) ? "#{before}#{name}=#{@mask}" : whole
  end
end

def cleaned_line(line)
  cleaned_text(line).gsub(@field) do |whole|
    name = Regexp.last_match(1)
    credential?(name) ? "\"#{name}\":\"#{@mask}\"" : whole
  end
end

# As the gateway decodes a name: once, and what is no escape stays.
def decoded(name)
  name.tr('+', ' ').b.gsub(/%(\h\h)/) { Regexp.last_match(1).hex.chr }.force_encoding('UTF-8').scrub('')
end

def credential?(name)
  [name.split('.').last.to_s, name].any? do |given|
    key = canonical(given)
    @names.include?(key) || @endings.any? { |ending| key.end_with?(ending) }
  end
end

# "X-Api-Key", "x_api_key" and "xApiKey" are one name.
def canonical(name)
  name.downcase.gsub(/[^a-z0-9]/, '')
end
