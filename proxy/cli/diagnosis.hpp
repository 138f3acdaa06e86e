// What `perch doctor` thinks of what it has looked at. Pure: facts in, findings out; doctor.cpp gets the facts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/child_output.hpp"
#include "common/json.hpp"
#include "registry/catalog.hpp"

namespace proxy::cli {

enum class Grade { ok, warning, wrong };  // wrong: it will not work so; a warning: it works, and not as well as it could
std::string_view to_string(Grade grade);

struct Finding {
  Grade grade = Grade::ok;
  std::string subject;
  std::string what;
  std::string advice;  // empty: nothing is to be done

  bool operator==(const Finding&) const = default;
};

// `version` is ours, in each of these.
Finding diagnose_worker(const std::filesystem::path& program, const common::Result<common::ChildOutput>& said, std::string_view version);

struct RegistryFile {
  std::filesystem::path path;
  bool is_demo = false;  // the demo models', because there is no other
};
std::vector<Finding> diagnose_registry(const RegistryFile& file, const common::Result<registry::Catalog>& catalog);
// Their files, and whether each role has one.
std::vector<Finding> diagnose_models(const registry::Catalog& catalog);

struct MemoryFacts {
  std::uint64_t physical_bytes = 0;
  std::uint64_t limit_bytes = 0;                     // of the cgroups around us, where that is less
  std::optional<std::uint64_t> address_space_bytes;  // RLIMIT_AS
};
std::vector<Finding> diagnose_memory(const registry::Catalog& catalog, const MemoryFacts& facts);
Finding diagnose_descriptors(std::uint64_t hard_limit);
Finding diagnose_cgroup(const common::Result<std::filesystem::path>& own);
Finding diagnose_state_folder(const std::filesystem::path& folder, bool is_writable);

enum class Port { free, taken, not_allowed };
// `status`: what answers there said to GET /admin/v1/status; an Error of kind io: nobody does.
std::vector<Finding> diagnose_daemon(const std::string& url, const common::Result<common::Json>& status,
                                     const std::filesystem::path& registry, std::string_view version);
// Of the address that a daemon of this registry would listen on, when none answers there.
Finding diagnose_port(const std::string& address, Port port);

}  // namespace proxy::cli
