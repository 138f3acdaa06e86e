#include "proxy/net/framing.hpp"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <cctype>
#include <format>

#include "common/names.hpp"

namespace proxy::net {
namespace {

using common::ErrorKind;
using common::fail;
using common::Result;

Result<void> refuse(const char* why) { return fail(ErrorKind::bad_framing, why); }

// The host of "host", "host:port", "[v6]" or "[v6]:port", lower case.
std::string host_name(std::string_view value) {
  std::string_view name = value;
  if (name.starts_with('[')) {
    name = name.substr(0, name.find(']') + 1);
  } else if (auto colon = name.rfind(':'); colon != std::string_view::npos) {
    name = name.substr(0, colon);
  }
  return common::lower(name);
}

bool is_digit(unsigned char c) { return std::isdigit(c) != 0; }

// uri-host [ ":" port ] (RFC 9110, 7.2). Of an IPv6 address only the alphabet is looked at: it is compared with a list anyway.
bool is_host(std::string_view value) {
  constexpr std::string_view kRegName = "-._~!$&'()*+,;=%";
  const bool bracketed = value.starts_with('[');
  const auto end = bracketed ? value.find(']') : value.find(':');
  if (bracketed && end == std::string_view::npos) return false;
  const std::string_view name = value.substr(bracketed, end - bracketed);
  std::string_view port = end == std::string_view::npos ? "" : value.substr(end + bracketed);
  if (!port.empty() && !port.starts_with(':')) return false;
  if (!port.empty()) port.remove_prefix(1);
  return std::ranges::all_of(port, is_digit) && std::ranges::all_of(name, [&](unsigned char c) {
           return bracketed ? std::isxdigit(c) || c == ':' || c == '.' : std::isalnum(c) || kRegName.contains(static_cast<char>(c));
         });
}

bool is_json(std::string_view content_type) {
  auto type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return boost::beast::iequals(type, "application/json");
}

}  // namespace

void resolve_target(RequestHead& head, std::string_view sent) {
  constexpr std::string_view kScheme = "http://";
  head.target = sent;
  if (boost::beast::iequals(sent.substr(0, kScheme.size()), kScheme) && head.count("Host") == 1 && is_host(head.field("Host"))) {
    sent.remove_prefix(kScheme.size());
    const auto end = std::min(sent.find_first_of("/?"), sent.size());
    for (auto& [name, value] : head.fields) {
      if (boost::beast::iequals(name, "Host")) value = sent.substr(0, end);
    }
    head.target = sent.substr(end);
    if (!head.target.starts_with('/')) head.target.insert(0, "/");
  }
  const auto question = head.target.find('?');
  head.path = head.target.substr(0, question);
  head.query = question == std::string::npos ? "" : head.target.substr(question + 1);
}

Result<void> check_framing(const RequestHead& head, const HostList& hosts) {
  if (head.version != 11) return refuse("only HTTP/1.1 is spoken here (behind nginx: proxy_http_version 1.1)");
  if (head.count("Upgrade") > 0) return refuse("Upgrade is not supported");
  if (!head.target.starts_with('/')) return refuse("the request target must be a path");
  const std::size_t lengths = head.count("Content-Length"), encodings = head.count("Transfer-Encoding");
  if (lengths > 1) return refuse("more than one Content-Length");
  if (encodings > 1) return refuse("more than one Transfer-Encoding");
  if (lengths > 0 && encodings > 0) return refuse("both Content-Length and Transfer-Encoding");
  if (encodings > 0 && !boost::beast::iequals(head.field("Transfer-Encoding"), "chunked"))
    return refuse("Transfer-Encoding may only be \"chunked\"");
  auto length = head.field("Content-Length");
  if (lengths > 0 && (length.empty() || length.size() > 18 || !std::ranges::all_of(length, is_digit))) {
    return refuse("Content-Length must be a decimal number");
  }
  if (head.count("Host") != 1) return refuse("exactly one Host is needed");
  if (!is_host(head.field("Host"))) return refuse("Host must be a host and at most a port");
  if (!std::ranges::contains(hosts, host_name(head.field("Host")))) {
    return fail(ErrorKind::forbidden,
                std::format("the host \"{}\" is not served here; add it to server.allowed_hosts in the registry if it should be",
                            head.field("Host").substr(0, 200)));
  }
  return {};
}

Result<void> check_origin(const RequestHead& head) {
  auto site = head.field("Sec-Fetch-Site");
  if (!site.empty() && site != "same-origin" && site != "none")
    return fail(ErrorKind::forbidden, "requests from another site may not change anything here");
  auto origin = head.field("Origin");
  if (!origin.empty()) {
    auto scheme = origin.find("://");
    bool same = scheme != std::string_view::npos && boost::beast::iequals(origin.substr(scheme + 3), head.field("Host"));
    if (!same) return fail(ErrorKind::forbidden, "requests from another origin may not change anything here");
  }
  return {};
}

Result<void> check_state_change(const RequestHead& head) {
  if (auto origin = check_origin(head); !origin) return origin;
  if (!is_json(head.field("Content-Type"))) {
    return fail(ErrorKind::unsupported_media_type, "send Content-Type: application/json (an empty body is fine)");
  }
  return {};
}

}  // namespace proxy::net
