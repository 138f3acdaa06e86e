#include "worker/chat/schema/formats.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace worker::chat::schema {
namespace {

// A year in front of each: the days that every year has, and the 29th of February of leap years.
#define PERCH_DATE                                                                                                               \
  "(?:[1-9]\\d{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))" \
  "|(?:[1-9]\\d(?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)-02-29)"
#define PERCH_TIME "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,6})?(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)"
#define PERCH_LABEL "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,20}[a-zA-Z0-9])?"
#define PERCH_HOST PERCH_LABEL "(?:\\." PERCH_LABEL "){0,5}"
#define PERCH_OCTET "(?:\\d|[1-9]\\d|1\\d\\d|2[0-4]\\d|25[0-5])"

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kFormats{{
    {"date", "^" PERCH_DATE "$"},
    {"time", "^" PERCH_TIME "$"},
    {"date-time", "^" PERCH_DATE "T" PERCH_TIME "$"},
    {"uuid", "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"},
    {"ipv4", "^" PERCH_OCTET "(?:\\." PERCH_OCTET "){3}$"},
    {"ipv6", "^(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}$"},
    {"hostname", "^" PERCH_HOST "$"},
    {"email", "^[a-zA-Z0-9_+-]{1,20}(?:\\.[a-zA-Z0-9_+-]{1,20}){0,2}@" PERCH_HOST "$"},
}};
constexpr std::pair<std::string_view, std::string_view> kUri{
    "uri",
    "^[a-z][a-z0-9+.-]{0,15}://" PERCH_HOST "(?::[1-9]\\d{0,3})?(?:/[a-zA-Z0-9._~-]*)*(?:\\?[a-zA-Z0-9._~=&-]*)?(?:#[a-zA-Z0-9._~-]*)?$"};

constexpr std::string_view kOthers[] = {"idn-email",    "idn-hostname", "uri-reference",         "iri",   "iri-reference",
                                        "uri-template", "json-pointer", "relative-json-pointer", "regex", "duration"};

}  // namespace

std::optional<std::string_view> format_regex(std::string_view format) {
  for (auto [name, regex] : kFormats)
    if (name == format) return regex;
  if (format == kUri.first) return kUri.second;
  return std::nullopt;
}

bool is_known_format(std::string_view format) { return std::ranges::contains(kOthers, format); }

}  // namespace worker::chat::schema
