#include "registry/foreign/listen_port.hpp"

#include <algorithm>

namespace registry::foreign {

Address address_of(std::string_view url) {
  Address address;
  if (auto colon = url.find("://"); colon != url.npos) {
    address.scheme = url.substr(0, colon);
    url.remove_prefix(colon + 3);
  }
  const auto slash = std::min(url.find('/'), url.size());
  address.path = url.substr(slash);
  url = url.substr(0, slash);
  const auto colon = url.rfind(':');
  const bool has_port = colon != url.npos && !url.ends_with(']');
  address.host = url.substr(0, has_port ? colon : url.size());
  address.port = has_port ? url.substr(colon + 1) : "80";
  return address;
}

bool is_this_machine(const std::string& host) {
  return host == "localhost" || host == "[::1]" || host == "0.0.0.0" || host.starts_with("127.");
}

namespace {

constexpr std::string_view kPort = "${PORT}";

// Where a word has more in it than the number. Whether it was there.
bool free_in(std::string& word, const std::string& port) {
  bool found = false;
  for (std::size_t at = 0; (at = word.find(port, at)) != std::string::npos;) {
    const std::size_t end = at + port.size();
    const bool begins = at == 0 || word[at - 1] == '=' || word[at - 1] == ':';
    const bool ends = end == word.size() || word[end] == ':' || (word[end] == '/' && at > 0 && word[at - 1] == ':');
    const bool says_it = begins && ends && word != port;
    if (says_it) word.replace(at, port.size(), kPort);
    found |= says_it;
    at += says_it ? kPort.size() : port.size();
  }
  return found;
}

}  // namespace

bool free_port(std::vector<std::string>& command, const std::string& port) {
  bool found = false;
  for (std::size_t i = 1; i < command.size(); ++i) {
    const bool is_named = command[i] == port && command[i - 1].starts_with('-') && command[i - 1].contains("port");
    if (is_named) command[i] = kPort;
    found |= is_named || free_in(command[i], port);
  }
  if (found || command.empty()) return found;
  const auto bare = std::find(command.begin() + 1, command.end(), port);
  if (bare == command.end()) return false;
  *bare = kPort;
  return true;
}

}  // namespace registry::foreign
