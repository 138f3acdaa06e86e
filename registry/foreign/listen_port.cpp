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

bool free_port(std::string& word, const std::string& port) {
  for (std::size_t at = 0; (at = word.find(port, at)) != std::string::npos; at += port.size()) {
    const std::size_t end = at + port.size();
    const bool begins = at == 0 || word[at - 1] == '=' || word[at - 1] == ':';
    const bool ends = end == word.size() || word[end] == ':';
    if (!begins || !ends) continue;
    word.replace(at, port.size(), "${PORT}");
    return true;
  }
  return false;
}

}  // namespace registry::foreign
