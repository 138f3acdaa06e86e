#include "registry/peer_entry.hpp"

#include <algorithm>
#include <format>
#include <set>

#include "common/whole_number.hpp"
#include "registry/request_edits.hpp"

namespace registry {
namespace {

constexpr double kMostPeerSeconds = 86'400;
constexpr std::string_view kScheme = "http://", kSecureScheme = "https://";

bool is_plain(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return c <= ' ' || c >= 0x7f; });
}

constexpr const char* kExample = "an address like http://box.lan:8080 or https://models.example/base is expected";

// "http[s]://host[:port][/base]". Why not; empty: it was read.
std::string read_url(std::string_view url, Peer& peer) {
  peer.secure = url.starts_with(kSecureScheme);
  if ((!peer.secure && !url.starts_with(kScheme)) || !is_plain(url)) return kExample;
  url.remove_prefix(peer.secure ? kSecureScheme.size() : kScheme.size());
  const std::string_view authority = url.substr(0, url.find('/'));
  std::string_view base = url.substr(authority.size());
  while (base.ends_with('/')) base.remove_suffix(1);
  if (authority.contains('@')) return "a user or a password has no place in an address: put the key into key_file";
  if (url.contains('?') || url.contains('#')) return "an address ends with its path";
  std::string_view host = authority, port;
  if (authority.starts_with('[')) {  // version 6
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return "the address in brackets does not end";
    host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) return "after an address in brackets only a port may follow";
  } else if (const auto colon = authority.rfind(':'); colon != std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  if (host.empty() || host.contains('[')) return kExample;
  peer.port = peer.usual_port();
  if (port.size() > 1) {
    const auto number = common::whole_number<std::uint16_t>(std::string_view(port).substr(1));
    if (!number || *number == 0) return "a port from 1 to 65535 is expected";
    peer.port = *number;
  }
  peer.host = host;
  peer.base_path = base;
  return {};
}

}  // namespace

std::string problem_with_peer_name(std::string_view name) {
  if (name.empty() || name.contains('/')) return "a name without a slash is expected: it stands before one in the ids of its models";
  return is_plain(name) ? "" : "a name has no spaces, control characters or letters beyond ASCII";
}

Peer read_peer(SectionReader entry, const std::function<std::string(const std::string&)>& resolve) {
  entry.allow({"url", "ca_file", "key_file", "models", "connect_timeout", "timeout", "health_path", "strip_fields", "set_fields"});
  Peer peer;
  const std::string problem = read_url(entry.text("url"), peer);
  if (!problem.empty()) entry.refuse("url", problem);
  if (entry.has("ca_file")) {
    const std::string file = entry.text("ca_file");
    if (file.empty()) entry.refuse("ca_file", "the path of a file of certificates (PEM) is expected");
    else if (problem.empty() && !peer.secure) entry.refuse("ca_file", "only a peer that is reached by https:// shows a certificate");
    peer.ca_file = resolve(file);
  }
  if (entry.has("key_file")) {
    const std::string file = entry.text("key_file");
    if (file.empty()) entry.refuse("key_file", "the path of a file that holds the key is expected");
    peer.key_file = resolve(file);
  }
  peer.models = entry.texts("models");
  if (peer.models.empty()) entry.refuse("models", "the models that it serves are expected, as it calls them");
  if (std::ranges::contains(peer.models, "")) entry.refuse("models", "a model has a name");
  if (std::set(peer.models.begin(), peer.models.end()).size() != peer.models.size()) entry.refuse("models", "each is named once");
  const auto seconds = [&](const char* key, std::chrono::milliseconds& into) {
    if (entry.has(key)) into = std::chrono::milliseconds(static_cast<std::int64_t>(entry.number(key, 0.001, kMostPeerSeconds) * 1000));
  };
  seconds("connect_timeout", peer.connect_timeout);
  seconds("timeout", peer.timeout);
  if (entry.has("health_path")) peer.health_path = entry.text("health_path");
  if (!peer.health_path.starts_with('/') || !is_plain(peer.health_path))
    entry.refuse("health_path", "a path that begins with / is expected");
  peer.edits = read_request_edits(entry);
  return peer;
}

}  // namespace registry
