#include "proxy/admin/refusal.hpp"

#include <format>

namespace proxy::admin {

namespace {

constexpr std::size_t kShown = 100;  // bytes of what somebody has sent

}  // namespace

std::unexpected<common::Error> refuse(const std::string& name, std::string_view why) {
  return common::fail(common::Error(common::ErrorKind::bad_request, std::format("{}: {}", name, why)).in(name));
}

std::unexpected<common::Error> refuse(const std::string& name, std::string_view wanted, std::string_view said) {
  return refuse(name, std::format("{} is expected, not \"{}\"", wanted, said.substr(0, kShown)));
}

}  // namespace proxy::admin
