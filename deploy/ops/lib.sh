# What the scripts beside this file share: options, requests to the daemon's admin REST, and how they fail. For sourcing.
#
# Bash 3.2 (that of macOS), curl and jq are all they need. No terminal is needed, so cron can run them; nothing is written but a temporary folder.
# shellcheck shell=bash disable=SC2016,SC2034

set -eu
set -o pipefail

readonly kRefused=1 kUsage=64 kNoDaemon=69 kStrange=70 kNoTool=72 kTooLate=75

readonly exit_codes='Exit status: 0 done, 1 refused or the answer is no, 64 wrong usage, 69 no daemon answers, 70 the answer is not understood
(an older daemon, or none), 72 curl or jq is missing, 75 the time limit has passed.'
readonly common_options='  --url URL        where the daemon is (default: $PERCH_URL or http://127.0.0.1:11434)
  -q, --quiet      print nothing when all is well
  -h, --help       this text'

readonly script=${0##*/}
url=${PERCH_URL:-http://127.0.0.1:11434}
quiet=
limit=30  # seconds that one request may take

PATH=$PATH:/usr/local/bin:/opt/homebrew/bin  # cron's is short

complain() { printf '%s: %s\n' "$script" "$*" >&2; }
# fail STATUS MESSAGE...
fail() {
  local status=$1
  shift
  complain "$*"
  exit "$status"
}
bad_usage() { fail "$kUsage" "$* (--help says what there is)"; }
say() { [ -n "$quiet" ] || printf '%s\n' "$*"; }

# --- options ----------------------------------------------------------------------------------------------------------

# value_of OPTION [VALUE]: prints the value, or ends the script because there is none.
value_of() {
  [ $# -ge 2 ] || bad_usage "$1 needs a value"
  printf '%s' "$2"
}

# number_of OPTION [VALUE]: likewise, for a number of at least 0.
number_of() {
  local value
  value=$(value_of "$@") || exit  # a command substitution goes on after a failure
  [[ $value =~ ^[0-9]+([.][0-9]+)?$ ]] || bad_usage "$1: a number is expected, not \"$value\""
  printf '%s' "$value"
}

# take_common WORD...: the options that every script has. Sets `taken` to the number of words that were one; 0: it was none.
take_common() {
  taken=1
  case $1 in
    -h | --help)
      usage
      exit 0
      ;;
    -q | --quiet) quiet=1 ;;
    --url)
      url=$(value_of "$@")
      taken=2
      ;;
    *) taken=0 ;;
  esac
  url=${url%/}
}

# --- requests ---------------------------------------------------------------------------------------------------------

folder=
tidy() { [ -z "$folder" ] || rm -rf "$folder"; }

# To be called once the options are read.
prepare() {
  local tool
  case $url in
    http://?* | https://?*) ;;
    *) bad_usage "--url: \"$url\" is no address of a daemon; http://HOST:PORT is expected" ;;
  esac
  for tool in curl jq; do
    command -v "$tool" >/dev/null || fail "$kNoTool" "$tool is needed and not installed"
  done
  trap tidy EXIT
  folder=$(mktemp -d "${TMPDIR:-/tmp}/perch-ops.XXXXXX")
  head=$folder/head body=$folder/body trouble=$folder/trouble
}

path_part() { jq -rn --arg text "$1" '$text | @uri'; }

# Options of curl that every request has: no proxy and no ~/.curlrc come in between, and it ends.
curl_options() { printf '%s\n' -q -sS -N --noproxy '*' --connect-timeout 5 --max-time "$limit" -D "$head" -H 'Content-Type: application/json'; }

# explain_curl STATUS: ends the script in the words that fit curl's exit status.
explain_curl() {
  case $1 in
    3) fail "$kUsage" "\"$url\" is no address of a daemon; http://HOST:PORT is expected" ;;
    28) fail "$kTooLate" "no answer from $url within $limit s" ;;
    *) fail "$kNoDaemon" "no daemon answers at $url ($(sed -n '$p' "$trouble"))" ;;
  esac
}

# request METHOD PATH [BODY]: sets `code` to the HTTP status; the answer is in the files $head and $body. Ends the script when nobody answers.
request() {
  local status=0 arguments=() word
  while IFS= read -r word; do arguments[${#arguments[@]}]=$word; done <<EOF
$(curl_options)
EOF
  [ "$1" = GET ] || arguments[${#arguments[@]}]=--data-binary
  [ "$1" = GET ] || arguments[${#arguments[@]}]=${3:-}
  : >"$body"
  code=$(curl "${arguments[@]}" -X "$1" -o "$body" -w '%{http_code}' "$url$2" 2>"$trouble") || status=$?
  [ "$status" = 0 ] || explain_curl "$status"
}

# Why the daemon refused, in its own words.
refused() {
  local message
  message=$(jq -er '.error.message' "$body" 2>/dev/null) || fail "$kStrange" "$url answered with HTTP $code and no reason; is it a daemon of Perch?"
  fail "$kRefused" "$message"
}

# ask METHOD PATH [BODY]: a request whose answer must be 200 and JSON.
ask() {
  request "$@"
  [ "$code" = 200 ] || refused
  jq -e 'type == "object"' "$body" >/dev/null 2>&1 || fail "$kStrange" "the answer of $url$2 is no JSON object; is it a daemon of Perch?"
}

# from_answer FILTER [ARGUMENT...]: what jq makes of the last answer.
from_answer() {
  local filter=$1
  shift
  jq -r "$@" "$jq_words $filter" "$body"
}

# Whether the last answer says that there is nothing at that address at all: the daemon is older than what is asked of it.
is_unknown_address() { { [ "$code" = 404 ] && [ "$(jq -r '.error.code?' "$body" 2>/dev/null)" = not_found ]; } || [ "$code" = 405 ]; }

# set_role ROLE ID: repoints it, and sees that it is so.
set_role() {
  local file
  request PUT "/admin/v1/roles/$(path_part "$1")" "$(jq -cn --arg model "$2" '{model: $model}')"
  if is_unknown_address; then
    ask GET /admin/v1/status
    file=$(from_answer .registry.file)
    fail "$kStrange" "this daemon ($(from_answer .version)) does not write roles (no PUT /admin/v1/roles/{role}); edit \"models\" in $file instead: it holds at once"
  fi
  [ "$code" = 200 ] || refused
  ask GET /admin/v1/status
  [ "$(from_answer '.registry.roles[$role] // ""' --arg role "$1")" = "$2" ] ||
    fail "$kStrange" "the daemon took $2 for the role $1, and its status does not say so"
}

# Functions that the scripts' filters use. `table` prints an array of rows, its columns in line; all cells are strings.
readonly jq_words='
  def mib: if . == null then "-" else "\(. / 1048576 * 10 | round / 10) MiB" end;
  def seconds: if . == null then "an unknown time" else "\(. * 10 | round / 10) s" end;
  def listed: if length == 0 then "-" else join(", ") end;
  def table:
    . as $rows
    | [range($rows[0] | length) as $i | ($rows | map(.[$i] | length) | max)] as $widths
    | $rows[]
    | . as $row
    | [range(length) as $i | $row[$i] + (if $i == ($row | length) - 1 then "" else " " * ($widths[$i] - ($row[$i] | length)) end)]
    | join("  ");
'
